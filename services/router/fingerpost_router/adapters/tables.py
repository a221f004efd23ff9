"""The router's tables: what was decided, on which facts, by which rules, and who owns each leg. No person's details are here."""

from sqlalchemy import Column, DateTime, Index, Integer, MetaData, PrimaryKeyConstraint, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

book = MetaData()
_MOMENT = DateTime(timezone=True)

referrals = Table(
    "referrals",
    book,
    Column("id", Uuid, primary_key=True),
    Column("reference", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("received_at", _MOMENT, nullable=False),
    # when the newest version arrived
    Column("updated_at", _MOMENT, nullable=False),
    Index("referrals_by_updated_at", "updated_at"),
)

decisions = Table(
    "decisions",
    book,
    Column("id", Uuid, primary_key=True),
    Column("referral_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    # 0, or the publication after which it was decided again
    Column("redecision", Integer, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("outcome", JSONB, nullable=False),
    Column("ruleset_hash", Text, nullable=False),
    Column("decided_at", _MOMENT, nullable=False),
    Index("decisions_by_referral", "referral_id", "version", "redecision", unique=True),
)

legs = Table(
    "legs",
    book,
    Column("id", Uuid, primary_key=True),
    Column("referral_id", Uuid, nullable=False),
    Column("reference", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("band", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("routed_version", Integer, nullable=False),
    Column("owner", Text),
    Column("received_at", _MOMENT, nullable=False),
    Column("routed_at", _MOMENT, nullable=False),
    Column("due_at", _MOMENT),
    Column("acknowledged_at", _MOMENT),
    Column("alert", JSONB, nullable=False),
    Column("decision_id", Uuid, nullable=False),
    Index("legs_by_referral", "referral_id"),
    Index("legs_by_queue", "destination", "state", "band", "received_at"),
    Index("legs_by_routed_at", "routed_at"),
)

# which referral showed which token, and when: equal tokens link people, so this is personal data
sightings = Table(
    "sightings",
    book,
    Column("token", Text, nullable=False),
    Column("received_at", _MOMENT, nullable=False),
    Column("referral_id", Uuid, nullable=False),
    PrimaryKeyConstraint("token", "received_at", "referral_id"),
    Index("sightings_by_referral", "referral_id"),
)

actions = Table(
    "actions",
    book,
    Column("actor", Text, nullable=False),
    Column("action_id", Uuid, nullable=False),
    Column("leg_id", Uuid, nullable=False),
    Column("action", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("answer", JSONB, nullable=False),
    Column("acted_at", _MOMENT, nullable=False),
    PrimaryKeyConstraint("actor", "action_id"),
    Index("actions_by_leg", "leg_id"),
)

rule_sets = Table(
    "rule_sets",
    book,
    Column("hash", Text, primary_key=True),
    Column("ruleset", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("effective_from", _MOMENT, nullable=False),
    Column("rules", Text, nullable=False),
    Column("facts", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("findings", JSONB, nullable=False),
    Column("preview", JSONB),
    Column("approved_by", Text),
    Column("drafted_at", _MOMENT, nullable=False),
)

publications = Table(
    "publications",
    book,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("hash", Text, nullable=False),
    Column("live_from", _MOMENT, nullable=False),
    Column("by", Text, nullable=False),
    Column("published_at", _MOMENT, nullable=False),
)

rule_actions = Table(
    "rule_actions",
    book,
    Column("actor", Text, nullable=False),
    Column("action_id", Uuid, nullable=False),
    Column("action", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("ruleset_hash", Text),
    Column("answer", JSONB),
    Column("begun_at", _MOMENT, nullable=False),
    PrimaryKeyConstraint("actor", "action_id"),
)
