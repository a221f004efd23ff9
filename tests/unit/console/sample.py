"""A busy morning in an invented partnership, rich enough to look at."""

from datetime import timedelta

from fingerpost_console.domain.asking import CaughtMail
from fingerpost_shared.contracts.events import Reason
from fingerpost_shared.contracts.queries.intake import ReferralView
from fingerpost_shared.contracts.queries.router import FiredRule
from tests.unit.console.fake_system import FakeSystem
from tests.unit.router.building import RULES

CHILD_RULE = FiredRule(
    id="DA-04",
    title="A child lives where there is domestic abuse",
    because="Domestic Abuse Act 2021 s.3: a child who sees, hears or feels the effects of it is a victim in their own right.",
    gave=("also: childrens_mash", "alert: council"),
)
HIGH_RISK_RULE = FiredRule(
    id="DA-02",
    title="High risk on the DASH checklist",
    because="SafeLives guidance: 14 ticks or more, or a professional's judgement, is high risk.",
    gave=("lead: domestic_abuse_subgroup", "band: P1", "alert: police, womens_aid", "tag: serious_violence"),
)


def a_busy_morning() -> tuple[FakeSystem, ReferralView]:
    """The system, and the referral worth looking at: overdue, urgent, with several parts."""
    system = FakeSystem()
    notable = _notable(system)
    system.refer(band="P1", hours_ago=5, due_in_hours=19, facts=None)
    system.refer(band="P2", hours_ago=30, due_in_hours=42, also=("adult_safeguarding",))
    system.refer(band="P2", hours_ago=49, due_in_hours=3)
    system.refer(band="P1", hours_ago=20, due_in_hours=4, owner="Dev Example", owned_for_hours=18)
    system.refer(band="P3", hours_ago=75, due_in_hours=60, owner="Dana Sample", owned_for_hours=70)
    for number in range(6):
        kinds = ("asb",) if number % 2 else ("hate_crime", "asb")
        system.refer("matac", band="P3" if number else "P2", hours_ago=20 + 9 * number, due_in_hours=8 * number - 2, kinds=kinds)
    system.refer("matac", band="P3", hours_ago=90, due_in_hours=30, kinds=("acquisitive",), owner="Mo Placeholder", owned_for_hours=26)
    system.refer("childrens_mash", band="P1", hours_ago=2, due_in_hours=22, kinds=("county_lines",), copies=("csp_board",))
    system.refer("tackling_substance_misuse_group", band="P4", hours_ago=100, due_in_hours=90, kinds=("substance_misuse",))
    system.refer("csp_duty_desk", band="P2", hours_ago=1, due_in_hours=71, kinds=("other",), agency="council")
    _alerts_quarantine_and_mail(system, notable)
    _rule_sets(system)
    return system, notable


def _notable(system: FakeSystem) -> ReferralView:
    return system.refer(
        band="P1",
        hours_ago=26,
        due_in_hours=-2,
        kinds=("domestic_abuse", "vulnerability"),
        also=("childrens_mash",),
        copies=("csp_board",),
        facts={
            "kinds": ("domestic_abuse", "vulnerability"),
            "abuse_kinds": ("controlling_or_coercive", "violent_or_threatening"),
            "victim_age": 34,
            "personally_connected": "intimate",
            "dash_ticks": 16,
            "police_risk_grade": "high",
            "child_in_household": "yes",
            "repeats_12m": 2,
            "anonymous": "no",
            "technology_abuse": "no",
        },
        fired=(HIGH_RISK_RULE, CHILD_RULE),
        tags=("serious_violence",),
    )


def _rule_sets(system: FakeSystem) -> None:
    """One with faults, and one that waits for a second coordinator."""
    faulty = RULES.replace("ruleset: 1", "ruleset: 3")
    system.rules.draft(faulty, findings=("There is a gap: a referral with hate_crime alone gets no lead.",), title="A trial")
    newer = RULES.replace("ruleset: 1", "ruleset: 2").replace("lead: matac, band: P4", "lead: matac, band: P3").replace("2d", "3d")
    system.rules.look(system.rules.draft(newer, title="Anti-social behaviour is more urgent this winter"))


def _alerts_quarantine_and_mail(system: FakeSystem, notable: ReferralView) -> None:
    system.alert(notable, "police")
    system.alert(notable, "womens_aid", state="failed", attempts=8, sent_at=None, failure="smtp_550")
    system.alert(notable, "council", state="queued", attempts=0, sent_at=None)
    system.quarantine(Reason(code="unreadable_cell", pointer="victim_date_of_birth"), Reason(code="unknown_kind", pointer="/kinds"))
    system.quarantine(Reason(code="malformed_json"), agency="womens_aid", hours_ago=50)
    system.mail.append(
        CaughtMail(
            to="duty@police.example",
            sender="fingerpost@mortimer.example",
            subject=f"{notable.reference}: please look",
            body=f"Mortimer Vale Community Safety Partnership\n\nReference {notable.reference}, band P1.\n\nhttps://console.mortimer.example/referrals/{notable.reference}",
            received_at=system.now - timedelta(hours=26),
        )
    )
