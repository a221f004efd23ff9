"""The notifier's book: legs it has seen, and alerts."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.execute(
        """
        CREATE TABLE alerts (
            id UUID NOT NULL,
            leg_id UUID NOT NULL,
            referral_id UUID NOT NULL,
            reference TEXT NOT NULL,
            agency TEXT NOT NULL,
            channel TEXT NOT NULL,
            lane TEXT NOT NULL,
            band TEXT NOT NULL,
            state TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            unseen_attempts INTEGER NOT NULL,
            next_at TIMESTAMP WITH TIME ZONE NOT NULL,
            queued_at TIMESTAMP WITH TIME ZONE NOT NULL,
            ended_at TIMESTAMP WITH TIME ZONE,
            failure TEXT,
            is_announced BOOLEAN NOT NULL,
            PRIMARY KEY (id)
        )
        """
    )
    op.execute(
        """
        CREATE INDEX alerts_by_queued_at ON alerts (queued_at, id)
        """
    )
    op.execute(
        """
        CREATE INDEX alerts_by_referral ON alerts (referral_id)
        """
    )
    op.execute(
        """
        CREATE INDEX alerts_due ON alerts (lane, next_at) WHERE state IN ('queued', 'sending')
        """
    )
    op.execute(
        """
        CREATE INDEX alerts_unannounced ON alerts (ended_at) WHERE ended_at IS NOT NULL AND NOT is_announced
        """
    )
    op.execute(
        """
        CREATE TABLE legs (
            id UUID NOT NULL,
            version INTEGER NOT NULL,
            routed_at TIMESTAMP WITH TIME ZONE NOT NULL,
            PRIMARY KEY (id)
        )
        """
    )
    op.execute(
        """
        CREATE INDEX legs_by_routed_at ON legs (routed_at)
        """
    )


def downgrade() -> None:
    """Drop the tables, and all that is in them."""
    op.execute("DROP TABLE legs")
    op.execute("DROP TABLE alerts")
