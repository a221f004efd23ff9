"""When a referral's newest version arrived: by this time intake's book and the router's are compared."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the time. Where a newer version has come already, intake tells it again and its time is then put right."""
    op.execute("ALTER TABLE referrals ADD COLUMN updated_at TIMESTAMP WITH TIME ZONE")
    op.execute("UPDATE referrals SET updated_at = received_at")
    op.execute("ALTER TABLE referrals ALTER COLUMN updated_at SET NOT NULL")
    op.execute("DROP INDEX referrals_by_received_at")
    op.execute("CREATE INDEX referrals_by_updated_at ON referrals (updated_at)")


def downgrade() -> None:
    """Forget the time."""
    op.execute("DROP INDEX referrals_by_updated_at")
    op.execute("CREATE INDEX referrals_by_received_at ON referrals (received_at)")
    op.execute("ALTER TABLE referrals DROP COLUMN updated_at")
