"""What a queue page shows of a queue. The choices stand in the page's address, so that a view can be kept and sent to a colleague."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from urllib.parse import urlencode

from fingerpost_shared.contracts.events import Role
from fingerpost_shared.contracts.queries.router import LegsQuery, LegStatus, LegView

Show = Literal["unclosed", "waiting", "overdue", "owned", "mine", "copies", "closed"]
SHOWS: Mapping[Show, str] = {
    "unclosed": "Waiting and owned",
    "waiting": "Waiting",
    "overdue": "Overdue",
    "owned": "Owned",
    "mine": "Mine",
    "copies": "Copies",
    "closed": "Closed",
}
_STATES: Mapping[Show, LegStatus] = {
    "waiting": "open",
    "overdue": "open",
    "owned": "acknowledged",
    "mine": "acknowledged",
    "closed": "closed",
}
_EMPTY_WORDS: Mapping[Show, str] = {
    "unclosed": "Nothing is waiting and nothing is owned.",
    "waiting": "Nothing is waiting for this group.",
    "overdue": "Nothing is overdue.",
    "owned": "Nobody owns anything here.",
    "mine": "You own nothing here.",
    "copies": "No copies have come here.",
    "closed": "Nothing is closed yet.",
}
_BY_BAND = "The most urgent band comes first, then what was received first."
_ORDER_WORDS: Mapping[Show, str] = {
    "unclosed": f"What waits comes first, then what somebody has taken, which stays here until it is closed. In each: {_BY_BAND.lower()}",
    "waiting": "The most urgent band comes first, then the longest waiting.",
    "overdue": "The most urgent band comes first, then the longest waiting.",
    "owned": f"{_BY_BAND} What is taken stays here until it is closed.",
    "mine": f"{_BY_BAND} What you took stays here until it is closed.",
    "copies": _BY_BAND,
    "closed": _BY_BAND,
}


@dataclass(frozen=True)
class Filter:
    """Which legs of a queue are wanted; `band` narrows further."""

    show: Show = "unclosed"
    band: str | None = None

    def with_show(self, show: Show) -> "Filter":
        """The same band, another choice of legs."""
        return replace(self, show=show)

    def with_band(self, band: str | None) -> "Filter":
        """The same legs, another band; None for every band."""
        return replace(self, band=band)

    def query(self, destination: str, after: str | None, limit: int) -> LegsQuery:
        """The question that brings every leg which could fit; `fits` decides."""
        roles: tuple[Role, ...] = ("copy",) if self.show == "copies" else ("lead", "also")
        return LegsQuery(destination=destination, state=_STATES.get(self.show), roles=roles, after=after, limit=limit)

    def fits(self, leg: LegView, me: str, now: datetime) -> bool:
        """Whether a leg belongs on the page that a person called `me` looks at."""
        if self.band and leg.band != self.band:
            return False
        match self.show:
            case "unclosed":
                return leg.state != "closed"
            case "overdue":
                return leg.due_at is not None and leg.due_at <= now
            case "mine":
                return leg.owner == me
            case _:
                return True

    def address(self, destination: str, after: str | None = None) -> str:
        """The address of the page with these choices."""
        wanted = {"show": self.show if self.show != "unclosed" else None, "band": self.band, "after": after}
        chosen = {name: value for name, value in wanted.items() if value}
        return f"/queues/{destination}" + (f"?{urlencode(chosen)}" if chosen else "")

    @property
    def words_of_order(self) -> str:
        """In which order the legs stand, as the router sorts them."""
        return _ORDER_WORDS[self.show]

    @property
    def words_when_empty(self) -> str:
        """What the page says where nothing fits."""
        return f"Nothing in band {self.band} fits." if self.band else _EMPTY_WORDS[self.show]
