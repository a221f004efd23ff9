"""Intake's book: referrals, the vault, submissions, quarantine, batch reports."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.execute(
        """
        CREATE TABLE batch_reports (
            id UUID NOT NULL,
            agency TEXT NOT NULL,
            report JSONB NOT NULL,
            made_at TIMESTAMP WITH TIME ZONE NOT NULL,
            PRIMARY KEY (id)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE quarantine (
            id UUID NOT NULL,
            reference TEXT NOT NULL,
            agency TEXT NOT NULL,
            content_type TEXT NOT NULL,
            size_bytes BIGINT NOT NULL,
            sealed BYTEA NOT NULL,
            reasons JSONB NOT NULL,
            state TEXT NOT NULL,
            lane TEXT NOT NULL,
            event_id UUID NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE NOT NULL,
            PRIMARY KEY (id),
            UNIQUE (reference)
        )
        """
    )
    op.execute(
        """
        CREATE INDEX quarantine_by_received_at ON quarantine (received_at, id)
        """
    )
    op.execute(
        """
        CREATE TABLE referrals (
            id UUID NOT NULL,
            reference TEXT NOT NULL,
            agency TEXT NOT NULL,
            status TEXT NOT NULL,
            version INTEGER NOT NULL,
            lane TEXT NOT NULL,
            facts_version INTEGER NOT NULL,
            facts JSONB NOT NULL,
            tokens JSONB NOT NULL,
            event_id UUID NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE NOT NULL,
            sender_updated_at TIMESTAMP WITH TIME ZONE,
            updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
            saved_at TIMESTAMP WITH TIME ZONE NOT NULL,
            PRIMARY KEY (id),
            UNIQUE (reference)
        )
        """
    )
    op.execute(
        """
        CREATE INDEX referrals_by_received_at ON referrals (received_at, id)
        """
    )
    op.execute(
        """
        CREATE TABLE submissions (
            cause UUID NOT NULL,
            row INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            subject_id UUID NOT NULL,
            version INTEGER NOT NULL,
            saved_at TIMESTAMP WITH TIME ZONE NOT NULL,
            PRIMARY KEY (cause, row)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE vault (
            referral_id UUID NOT NULL,
            content_hash BYTEA NOT NULL,
            version INTEGER NOT NULL,
            sealed BYTEA NOT NULL,
            saved_at TIMESTAMP WITH TIME ZONE NOT NULL,
            PRIMARY KEY (referral_id, content_hash)
        )
        """
    )


def downgrade() -> None:
    """Drop the tables, and all that is in them."""
    op.execute("DROP TABLE vault")
    op.execute("DROP TABLE submissions")
    op.execute("DROP TABLE referrals")
    op.execute("DROP TABLE quarantine")
    op.execute("DROP TABLE batch_reports")
