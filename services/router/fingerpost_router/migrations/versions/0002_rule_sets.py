"""Rule sets get a life: who drafted and approved them, when each is live, and decisions made again after a change."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns and tables. A set that was kept before counts as approved, and the newest of them is live."""
    op.execute("ALTER TABLE rule_sets RENAME COLUMN loaded_at TO drafted_at")
    op.execute(
        """
        ALTER TABLE rule_sets
            ADD COLUMN title TEXT NOT NULL DEFAULT '',
            ADD COLUMN effective_from TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT '2000-01-01 00:00Z',
            ADD COLUMN state TEXT NOT NULL DEFAULT 'approved',
            ADD COLUMN author TEXT NOT NULL DEFAULT 'partnership_folder',
            ADD COLUMN findings JSONB NOT NULL DEFAULT '[]',
            ADD COLUMN preview JSONB,
            ADD COLUMN approved_by TEXT
        """
    )
    for column in ("title", "effective_from", "state", "author", "findings"):
        op.execute(f"ALTER TABLE rule_sets ALTER COLUMN {column} DROP DEFAULT")
    op.execute(
        """
        CREATE TABLE publications (
            seq INTEGER NOT NULL,
            hash TEXT NOT NULL,
            live_from TIMESTAMP WITH TIME ZONE NOT NULL,
            by TEXT NOT NULL,
            published_at TIMESTAMP WITH TIME ZONE NOT NULL,
            PRIMARY KEY (seq)
        )
        """
    )
    op.execute(
        """
        INSERT INTO publications
        SELECT row_number() OVER (ORDER BY drafted_at), hash, drafted_at, 'partnership_folder', drafted_at FROM rule_sets
        """
    )
    op.execute(
        """
        CREATE TABLE rule_actions (
            actor TEXT NOT NULL,
            action_id UUID NOT NULL,
            action TEXT NOT NULL,
            by TEXT NOT NULL,
            ruleset_hash TEXT,
            answer JSONB,
            begun_at TIMESTAMP WITH TIME ZONE NOT NULL,
            PRIMARY KEY (actor, action_id)
        )
        """
    )
    op.execute("ALTER TABLE decisions ADD COLUMN redecision INTEGER NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE decisions ALTER COLUMN redecision DROP DEFAULT")
    op.execute("DROP INDEX decisions_by_referral")
    op.execute("CREATE UNIQUE INDEX decisions_by_referral ON decisions (referral_id, version, redecision)")


def downgrade() -> None:
    """Forget the lives of rule sets, and decisions made again."""
    op.execute("DELETE FROM decisions WHERE redecision > 0")
    op.execute("DROP INDEX decisions_by_referral")
    op.execute("ALTER TABLE decisions DROP COLUMN redecision")
    op.execute("CREATE UNIQUE INDEX decisions_by_referral ON decisions (referral_id, version)")
    op.execute("DROP TABLE rule_actions")
    op.execute("DROP TABLE publications")
    for column in ("title", "effective_from", "state", "author", "findings", "preview", "approved_by"):
        op.execute(f"ALTER TABLE rule_sets DROP COLUMN {column}")
    op.execute("ALTER TABLE rule_sets RENAME COLUMN drafted_at TO loaded_at")
