"""An alert is queued once for each leg and agency, and tried a bounded number of times."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fingerpost_notifier.domain.alerts import Failed, Postponed, after_failure, after_server_fault, alerts_of
from tests.unit.notifier.building import a_leg

NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
RETRIES = (5.0, 30.0, 120.0)


def test_a_leg_alerts_each_agency_that_it_names_once():
    leg = a_leg(alert=("police", "council"))
    alerts = alerts_of(leg, "email")
    assert [(alert.agency, alert.channel, alert.attempts) for alert in alerts] == [("police", "email", 1), ("council", "email", 1)]
    assert {alert.leg_id for alert in alerts} == {leg.leg_id}
    assert len({alert.id for alert in alerts}) == 2


def test_a_leg_that_names_none_alerts_nobody():
    assert alerts_of(a_leg(alert=()), "email") == []


def test_a_redelivered_leg_asks_for_the_very_same_alerts():
    assert alerts_of(a_leg(), "email") == alerts_of(a_leg(), "email")
    assert [alert.id for alert in alerts_of(a_leg(version=2), "email")] == [alert.id for alert in alerts_of(a_leg(), "email")]


def test_pauses_grow_and_end_after_the_last():
    results = [after_failure(attempt, "smtp_450", NOW, RETRIES, is_final=False) for attempt in (1, 2, 3, 4)]
    assert results == [*(Postponed(NOW + timedelta(seconds=pause), "smtp_450") for pause in RETRIES), Failed("smtp_450")]


@given(st.integers(1, 100), st.lists(st.floats(0, 1e6), max_size=8), st.booleans())
def test_attempts_are_bounded_whatever_the_settings(attempts: int, pauses: list[float], is_final: bool):
    result = after_failure(attempts, "smtp_450", NOW, pauses, is_final=is_final)
    assert isinstance(result, Failed) == (is_final or attempts > len(pauses))
    assert isinstance(result, Failed) or result.next_at >= NOW


def test_while_the_mail_server_is_away_the_last_pause_is_repeated_without_end():
    results = [after_server_fault(faults, "smtp_connect_error", NOW, RETRIES) for faults in range(100)]
    pauses = [*RETRIES, *[RETRIES[-1]] * 97]
    assert results == [Postponed(NOW + timedelta(seconds=pause), "smtp_connect_error", is_by_server=True) for pause in pauses]
