"""How often an alert was not sent because the mail server was away: that uses up none of its attempts."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Nothing was told apart before, so all attempts so far count; those that wait for the server have an index of their own."""
    op.execute("ALTER TABLE alerts ADD COLUMN server_faults INTEGER DEFAULT '0' NOT NULL")
    op.execute("CREATE INDEX alerts_waiting_for_server ON alerts (lane) WHERE state = 'queued' AND server_faults > 0")


def downgrade() -> None:
    """Count them as attempts again."""
    op.execute("DROP INDEX alerts_waiting_for_server")
    op.execute("ALTER TABLE alerts DROP COLUMN server_faults")
