"""What is not announced yet has rows of its own, and a new alert begins as every alert does."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Move what ended and was not told of into the new table."""
    op.execute("CREATE TABLE unannounced (alert_id UUID NOT NULL, PRIMARY KEY (alert_id))")
    op.execute("INSERT INTO unannounced (alert_id) SELECT id FROM alerts WHERE ended_at IS NOT NULL AND NOT is_announced")
    op.execute("DROP INDEX alerts_unannounced")
    op.execute("ALTER TABLE alerts DROP COLUMN is_announced")
    op.execute("ALTER TABLE alerts ALTER COLUMN state SET DEFAULT 'queued'")
    op.execute("ALTER TABLE alerts ALTER COLUMN attempts SET DEFAULT '0'")
    op.execute("ALTER TABLE alerts ALTER COLUMN unseen_attempts SET DEFAULT '0'")


def downgrade() -> None:
    """Put the flag back; what has a row is not told of yet."""
    op.execute("ALTER TABLE alerts ALTER COLUMN state DROP DEFAULT")
    op.execute("ALTER TABLE alerts ALTER COLUMN attempts DROP DEFAULT")
    op.execute("ALTER TABLE alerts ALTER COLUMN unseen_attempts DROP DEFAULT")
    op.execute("ALTER TABLE alerts ADD COLUMN is_announced BOOLEAN DEFAULT TRUE NOT NULL")
    op.execute("ALTER TABLE alerts ALTER COLUMN is_announced DROP DEFAULT")
    op.execute("UPDATE alerts SET is_announced = FALSE WHERE ended_at IS NULL OR id IN (SELECT alert_id FROM unannounced)")
    op.execute("CREATE INDEX alerts_unannounced ON alerts (ended_at) WHERE ended_at IS NOT NULL AND NOT is_announced")
    op.execute("DROP TABLE unannounced")
