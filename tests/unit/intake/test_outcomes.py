"""A resend, an update, a withdrawal and a new referral are told apart, in whatever order the sends arrive (I5)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from fingerpost_intake.domain.normalising import Normalised
from fingerpost_intake.domain.outcomes import Known, Outcome, after, outcome_of
from tests.unit.intake.building import NOW, a_referral, normalised

FIRST = normalised(a_referral(narrative="first"))
SECOND = normalised(a_referral(narrative="second"))
YESTERDAY = NOW - timedelta(days=1)


def dated(sent: Normalised, hours: float, since: datetime = YESTERDAY) -> Normalised:
    return replace(sent, sender_updated_at=since + timedelta(hours=hours))


@dataclass
class Told:
    """A referral as it comes to be known, send by send."""

    known: Known | None = None

    def hears(self, *sent: Normalised) -> list[Outcome]:
        return [self._hear(one, place) for place, one in enumerate(sent)]

    def _hear(self, sent: Normalised, place: int) -> Outcome:
        outcome = outcome_of(sent, self.known, NOW + timedelta(minutes=place))
        self.known = after(outcome, sent, self.known, NOW + timedelta(minutes=place))
        return outcome


def test_the_first_send_is_a_referral_and_the_same_again_a_resend():
    assert Told().hears(FIRST, FIRST, FIRST) == ["referral", "resend", "resend"]


def test_other_content_is_an_update_and_an_earlier_one_again_a_resend():
    told = Told()
    assert told.hears(FIRST, SECOND, FIRST, SECOND) == ["referral", "update", "resend", "resend"]
    assert told.known is not None
    assert told.known.version == 2


def test_what_its_sender_dates_before_what_is_held_is_outdated_and_changes_nothing():
    told = Told()
    assert told.hears(dated(FIRST, 2), dated(SECOND, 1), dated(SECOND, 1)) == ["referral", "outdated", "resend"]
    assert told.known is not None
    assert (told.known.version, told.known.sender_updated_at) == (1, YESTERDAY + timedelta(hours=2))


def test_a_date_that_lies_ahead_counts_as_the_time_of_arrival_and_does_not_hold_off_what_comes_after():
    an_hour_ahead, right = dated(FIRST, 1, since=NOW), dated(SECOND, 5 / 60, since=NOW)
    assert Told().hears(an_hour_ahead, right) == ["referral", "update"]
    assert Told().hears(right, an_hour_ahead) == ["referral", "update"]


def test_a_date_ahead_that_was_saved_before_dates_were_checked_holds_off_nothing_either():
    told = Told(after("referral", dated(FIRST, 24 * 365 * 36), None, YESTERDAY))
    assert told.hears(dated(SECOND, 1)) == ["update"]


def test_of_two_dates_that_are_both_ahead_the_senders_order_counts_whichever_arrived_first():
    told = Told(after("referral", dated(SECOND, 2, since=NOW), None, NOW - timedelta(seconds=1)))
    assert told.hears(dated(FIRST, 1, since=NOW)) == ["outdated"]
    told = Told(after("referral", dated(SECOND, 2, since=NOW), None, NOW + timedelta(seconds=1)))
    assert told.hears(dated(FIRST, 3, since=NOW)) == ["update"]


def test_what_is_sent_again_by_a_clock_that_is_ahead_does_not_undo_a_withdrawal():
    known = after("referral", dated(SECOND, 1, since=NOW), None, NOW - timedelta(minutes=10))
    withdrawn = dated(normalised(a_referral(narrative="first", status="withdrawn")), 1.1, since=NOW)
    told = Told(after("withdrawal", withdrawn, known, NOW - timedelta(minutes=5)))
    assert told.hears(dated(FIRST, 0.9, since=NOW)) == ["outdated"]


def test_without_a_date_of_its_sender_arrival_orders_updates():
    assert Told().hears(dated(FIRST, 2), SECOND) == ["referral", "update"]


def test_an_older_send_that_a_newer_one_overtook_on_the_urgent_lane_changes_nothing():
    told = Told()
    told.known = after("referral", SECOND, None, NOW + timedelta(seconds=1))

    assert told.hears(FIRST) == ["outdated"]
    assert told.known.version == 1


def test_a_withdrawal_is_no_new_version_for_the_legs_stay_until_a_person_closes_them():
    told = Told()
    withdrawn = normalised(a_referral(narrative="first", status="withdrawn"))
    assert told.hears(FIRST, withdrawn, withdrawn) == ["referral", "withdrawal", "resend"]
    assert told.known is not None
    assert told.known.version == 1


def test_what_is_older_than_a_withdrawal_does_not_bring_the_referral_back_but_what_is_newer_does():
    withdrawn = dated(normalised(a_referral(narrative="first", status="withdrawn")), 2)
    assert Told().hears(dated(FIRST, 0), withdrawn, dated(SECOND, 1)) == ["referral", "withdrawal", "outdated"]
    assert Told().hears(dated(FIRST, 0), withdrawn, dated(SECOND, 3)) == ["referral", "withdrawal", "update"]

    told = Told()
    told.hears(FIRST)
    told.known = after("withdrawal", withdrawn, told.known, NOW + timedelta(seconds=1))
    assert told.hears(SECOND) == ["outdated"]


def test_a_first_send_that_is_withdrawn_is_a_referral_all_the_same():
    assert Told().hears(normalised(a_referral(status="withdrawn"))) == ["referral"]


def test_the_clock_starts_at_the_first_send_and_no_update_starts_it_again():
    told = Told()
    told.hears(FIRST, SECOND)
    assert told.known is not None
    assert told.known.received_at == NOW


def test_the_same_reference_from_another_agency_or_another_reference_is_another_referral():
    referrals = {normalised(a_referral(), "police").referral_id, normalised(a_referral(), "council").referral_id}
    assert len(referrals | {normalised(a_referral(agency_reference="A-2")).referral_id}) == 3


def test_identical_content_under_another_reference_is_new_however_alike_for_a_repeat_is_a_signal():
    one, other = (normalised(a_referral(agency_reference=name, narrative="again")) for name in ("A-1", "A-2"))
    assert one.referral_id != other.referral_id
    assert one.content_hash != other.content_hash


a_send = st.builds(
    lambda text, hours, status: replace(
        normalised(a_referral(narrative=text, status=status)), sender_updated_at=None if hours is None else NOW + timedelta(hours=hours)
    ),
    st.sampled_from("abcd"),
    st.none() | st.integers(-3, 3),
    st.sampled_from(["new", "withdrawn"]),
)


@given(st.lists(a_send, min_size=1, max_size=12))
def test_in_any_order_of_sends_the_same_content_never_makes_a_second_version(story: list[Normalised]):
    told = Told()
    outcomes = told.hears(*story)
    assert told.known is not None
    assert outcomes[0] == "referral"
    assert outcomes.count("referral") == 1
    assert told.known.version == 1 + outcomes.count("update") <= len({sent.content_hash for sent in story})
    seen: set[bytes] = set()
    for sent, outcome in zip(story, outcomes, strict=True):
        assert (outcome == "resend") == (sent.content_hash in seen)
        seen.add(sent.content_hash)


@given(st.lists(a_send, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_hearing_a_story_again_in_any_order_has_no_effect(story: list[Normalised], chance: object):
    told = Told()
    told.hears(*story)
    before = told.known
    again = list(story)
    chance.shuffle(again)  # type: ignore[attr-defined]
    assert set(told.hears(*again)) == {"resend"}
    assert told.known == before
