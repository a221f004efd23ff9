"""When a referral last changed: by a newer version, or by a withdrawal."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the time; so far each referral's is that of its newest version."""
    op.execute("ALTER TABLE referrals ADD COLUMN changed_at TIMESTAMP WITH TIME ZONE")
    op.execute("UPDATE referrals SET changed_at = updated_at")
    op.execute("ALTER TABLE referrals ALTER COLUMN changed_at SET NOT NULL")


def downgrade() -> None:
    """Forget the time."""
    op.execute("ALTER TABLE referrals DROP COLUMN changed_at")
