"""Who is signed in, and what they may see and do. The router decides again by itself on every action."""

from collections.abc import Iterable
from dataclasses import dataclass

from fingerpost_shared.contracts.directory import Directory
from fingerpost_shared.contracts.queries.router import LegView

SEES_ALL = frozenset({"operator", "coordinator", "auditor", "admin"})


@dataclass(frozen=True)
class Viewer:
    """A person of the directory who is signed in. `destination` is the group whose work they may take, if they work for one."""

    id: str
    name: str
    works_for: str
    roles: tuple[str, ...]
    destination: str | None
    is_of_a_board: bool

    @property
    def sees_all(self) -> bool:
        """True for those who watch over every queue."""
        return not SEES_ALL.isdisjoint(self.roles)

    @property
    def is_coordinator(self) -> bool:
        """Coordinators look after the rules."""
        return "coordinator" in self.roles

    def sees_queue(self, destination: str) -> bool:
        """A caseworker sees their own group's queue and no other."""
        return self.sees_all or destination == self.destination

    def sees_referral(self, legs: Iterable[LegView]) -> bool:
        """A caseworker sees a referral when a part of it came to their group."""
        return self.sees_all or any(leg.destination == self.destination for leg in legs)

    @property
    def sees_facts(self) -> bool:
        """A board gets copies, minimised to bands and themes: neither facts nor rules nor sender, nor who else has a part or was told."""
        return self.sees_all or not self.is_of_a_board

    def seen_of(self, legs: Iterable[LegView]) -> list[LegView]:
        """The parts of a referral that they may know of."""
        return [leg for leg in legs if self.sees_facts or leg.destination == self.destination]

    def may_take(self, leg: LegView) -> bool:
        """Only a person of the leg's own group can take it; a copy is for information and is not taken."""
        return leg.destination == self.destination and leg.role != "copy"


def viewer_of(directory: Directory, person_id: str) -> Viewer | None:
    """The person with this id, or None where the directory no longer has them."""
    person = directory.people.get(person_id)
    if person is None:
        return None
    destination = directory.destinations.get(person.works_for)
    return Viewer(
        id=person_id,
        name=person.name,
        works_for=person.works_for,
        roles=person.roles,
        destination=person.works_for if destination else None,
        is_of_a_board=destination is not None and destination.level == "strategic",
    )
