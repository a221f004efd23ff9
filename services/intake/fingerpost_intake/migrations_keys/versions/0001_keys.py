"""The wrapped data keys."""

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.execute(
        """
        CREATE TABLE data_keys (
            id UUID NOT NULL,
            wrapped BYTEA NOT NULL,
            kek_version SMALLINT NOT NULL,
            made_at TIMESTAMP WITH TIME ZONE NOT NULL,
            PRIMARY KEY (id)
        )
        """
    )


def downgrade() -> None:
    """Drop the tables, and all that is in them."""
    op.execute("DROP TABLE data_keys")
