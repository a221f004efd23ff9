"""The notifier's tables: which legs it has seen, and every alert. It never learns who a referral is about."""

from sqlalchemy import Column, DateTime, Index, Integer, MetaData, Table, Text, Uuid
from sqlalchemy import text as sql

book = MetaData()
_MOMENT = DateTime(timezone=True)

legs = Table(
    "legs",
    book,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("routed_at", _MOMENT, nullable=False),
    Index("legs_by_routed_at", "routed_at"),
)

alerts = Table(
    "alerts",
    book,
    Column("id", Uuid, primary_key=True),
    Column("leg_id", Uuid, nullable=False),
    Column("referral_id", Uuid, nullable=False),
    Column("reference", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("band", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="queued"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    # attempts whose outcome nobody saw, because the service died between send and mark or the line dropped before the mail server's last
    # answer: each may be a second e-mail (I15)
    Column("unseen_attempts", Integer, nullable=False, server_default="0"),
    # of the attempts: those that the mail server itself let fail, which use up none
    Column("server_faults", Integer, nullable=False, server_default="0"),
    Column("next_at", _MOMENT, nullable=False),
    Column("queued_at", _MOMENT, nullable=False),
    Column("ended_at", _MOMENT),
    Column("failure", Text),
    Index("alerts_due", "lane", "next_at", postgresql_where=sql("state IN ('queued', 'sending')")),
    Index("alerts_waiting_for_server", "lane", postgresql_where=sql("state = 'queued' AND server_faults > 0")),
    Index("alerts_by_referral", "referral_id"),
    Index("alerts_by_queued_at", "queued_at", "id"),
)

# ended alerts that no event has told of yet: rows of their own, for a flag would rewrite a wide row and its indexes once more
unannounced = Table("unannounced", book, Column("alert_id", Uuid, primary_key=True))
