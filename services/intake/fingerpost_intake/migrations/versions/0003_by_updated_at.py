"""Referrals by the time at which their newest version arrived: by it intake's book and the router's are compared every few seconds."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the index."""
    op.execute("CREATE INDEX referrals_by_updated_at ON referrals (updated_at)")


def downgrade() -> None:
    """Drop the index."""
    op.execute("DROP INDEX referrals_by_updated_at")
