"""Intake's tables. Who a referral is about is in `vault` and `quarantine` alone, sealed; the keys are in a database of their own."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

book = MetaData()
key_book = MetaData()
_MOMENT = DateTime(timezone=True)

referrals = Table(
    "referrals",
    book,
    Column("id", Uuid, primary_key=True),
    Column("reference", Text, nullable=False, unique=True),
    Column("agency", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("lane", Text, nullable=False),
    Column("facts_version", Integer, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("tokens", JSONB, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("received_at", _MOMENT, nullable=False),
    Column("sender_updated_at", _MOMENT),
    Column("updated_at", _MOMENT, nullable=False),
    # when the newest version or a withdrawal arrived: what is older changes nothing
    Column("changed_at", _MOMENT, nullable=False),
    Column("saved_at", _MOMENT, nullable=False),
    Index("referrals_by_received_at", "received_at", "id"),
    Index("referrals_by_updated_at", "updated_at"),
)

vault = Table(
    "vault",
    book,
    Column("referral_id", Uuid, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("saved_at", _MOMENT, nullable=False),
    PrimaryKeyConstraint("referral_id", "content_hash"),
)

# what became of each accepted submission: a redelivered one finds its own row here (I1, I5)
submissions = Table(
    "submissions",
    book,
    Column("cause", Uuid, nullable=False),
    Column("row", Integer, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("saved_at", _MOMENT, nullable=False),
    PrimaryKeyConstraint("cause", "row"),
)

quarantine = Table(
    "quarantine",
    book,
    Column("id", Uuid, primary_key=True),
    Column("reference", Text, nullable=False, unique=True),
    Column("agency", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("reasons", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("event_id", Uuid, nullable=False),
    Column("received_at", _MOMENT, nullable=False),
    Index("quarantine_by_received_at", "received_at", "id"),
)

batch_reports = Table(
    "batch_reports",
    book,
    Column("id", Uuid, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("report", JSONB, nullable=False),
    Column("made_at", _MOMENT, nullable=False),
)

data_keys = Table(
    "data_keys",
    key_book,
    Column("id", Uuid, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("kek_version", SmallInteger, nullable=False),
    Column("made_at", _MOMENT, nullable=False),
)
