"""What a preview calls less urgent: a later band, or a limit that the new decision leaves unmet."""

import pytest

from fingerpost_router.domain.past import PastDecision, effect_of
from tests.unit.rules.examples import RULES, a_referral, read

THEN = "then: {lead: matac, band: P3}"


@pytest.mark.parametrize(
    ("limits", "is_less_urgent"),
    [
        ({"hours": 120, "working_days": None}, True),  # five working days may last a weekend longer
        ({"hours": 120, "working_days": 5}, True),
        ({"hours": None, "working_days": 4}, True),
        ({"hours": None, "working_days": 5}, False),
        ({"hours": None, "working_days": 6}, False),
    ],
)
def test_a_limit_that_is_left_unmet_is_less_urgent_in_the_same_band(tmp_path, limits, is_less_urgent):
    rules = read(tmp_path, rules=RULES)
    now = rules.decide(a_referral()).as_json()
    past = PastDecision("HC-1", a_referral(), now | {"limits": limits, "alert": ["police"]}, rules.hash)
    (move,) = effect_of(rules, [past]).moves
    assert move.is_less_urgent is is_less_urgent
