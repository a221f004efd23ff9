"""The router's book: referrals, decisions, legs, sightings, actions, rule sets."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.execute(
        """
        CREATE TABLE actions (
            actor TEXT NOT NULL,
            action_id UUID NOT NULL,
            leg_id UUID NOT NULL,
            action TEXT NOT NULL,
            by TEXT NOT NULL,
            answer JSONB NOT NULL,
            acted_at TIMESTAMP WITH TIME ZONE NOT NULL,
            PRIMARY KEY (actor, action_id)
        )
        """
    )
    op.execute(
        """
        CREATE INDEX actions_by_leg ON actions (leg_id)
        """
    )
    op.execute(
        """
        CREATE TABLE decisions (
            id UUID NOT NULL,
            referral_id UUID NOT NULL,
            version INTEGER NOT NULL,
            facts JSONB NOT NULL,
            outcome JSONB NOT NULL,
            ruleset_hash TEXT NOT NULL,
            decided_at TIMESTAMP WITH TIME ZONE NOT NULL,
            PRIMARY KEY (id)
        )
        """
    )
    op.execute(
        """
        CREATE UNIQUE INDEX decisions_by_referral ON decisions (referral_id, version)
        """
    )
    op.execute(
        """
        CREATE TABLE legs (
            id UUID NOT NULL,
            referral_id UUID NOT NULL,
            reference TEXT NOT NULL,
            destination TEXT NOT NULL,
            role TEXT NOT NULL,
            band TEXT NOT NULL,
            lane TEXT NOT NULL,
            state TEXT NOT NULL,
            version INTEGER NOT NULL,
            routed_version INTEGER NOT NULL,
            owner TEXT,
            received_at TIMESTAMP WITH TIME ZONE NOT NULL,
            routed_at TIMESTAMP WITH TIME ZONE NOT NULL,
            due_at TIMESTAMP WITH TIME ZONE,
            acknowledged_at TIMESTAMP WITH TIME ZONE,
            alert JSONB NOT NULL,
            decision_id UUID NOT NULL,
            PRIMARY KEY (id)
        )
        """
    )
    op.execute(
        """
        CREATE INDEX legs_by_queue ON legs (destination, state, band, received_at)
        """
    )
    op.execute(
        """
        CREATE INDEX legs_by_referral ON legs (referral_id)
        """
    )
    op.execute(
        """
        CREATE INDEX legs_by_routed_at ON legs (routed_at)
        """
    )
    op.execute(
        """
        CREATE TABLE referrals (
            id UUID NOT NULL,
            reference TEXT NOT NULL,
            agency TEXT NOT NULL,
            version INTEGER NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE NOT NULL,
            PRIMARY KEY (id)
        )
        """
    )
    op.execute(
        """
        CREATE INDEX referrals_by_received_at ON referrals (received_at)
        """
    )
    op.execute(
        """
        CREATE TABLE rule_sets (
            hash TEXT NOT NULL,
            ruleset INTEGER NOT NULL,
            rules TEXT NOT NULL,
            facts TEXT NOT NULL,
            loaded_at TIMESTAMP WITH TIME ZONE NOT NULL,
            PRIMARY KEY (hash)
        )
        """
    )
    op.execute(
        """
        CREATE TABLE sightings (
            token TEXT NOT NULL,
            received_at TIMESTAMP WITH TIME ZONE NOT NULL,
            referral_id UUID NOT NULL,
            PRIMARY KEY (token, received_at, referral_id)
        )
        """
    )
    op.execute(
        """
        CREATE INDEX sightings_by_referral ON sightings (referral_id)
        """
    )


def downgrade() -> None:
    """Drop the tables, and all that is in them."""
    op.execute("DROP TABLE sightings")
    op.execute("DROP TABLE rule_sets")
    op.execute("DROP TABLE referrals")
    op.execute("DROP TABLE legs")
    op.execute("DROP TABLE decisions")
    op.execute("DROP TABLE actions")
