"""A search finds a point that answers wherever trying every referral finds one, for questions of any shape."""

from random import Random

import pytest

from fingerpost_rules.proofs.question import Question
from fingerpost_rules.proofs.search import Effort, find
from fingerpost_rules.proofs.space import space_of
from tests.unit.rules import reference
from tests.unit.rules.invented import invent

QUESTIONS_A_WORLD = 60


@pytest.mark.parametrize("first", range(0, 60, 10))
def test_a_search_finds_an_answer_where_there_is_one(first, tmp_path):
    for seed in range(first, first + 10):
        random, invented = Random(seed), invent(seed, tmp_path, most_facts=5, most_rules=14, widest=2)
        held = {boxes_held(invented, referral) for referral in reference.all_referrals(invented.schema)}
        space = space_of(invented.rule_set)
        for _ in range(QUESTIONS_A_WORLD):
            question = any_question(random, len(list(conditions(invented))))
            point = find(space, question, Effort())
            assert (point is not None) == any(answers(question, boxes) for boxes in held), f"seed {seed}: {question}"
            if point is not None:
                assert answers(question, boxes_held(invented, space.referral(point))), f"seed {seed}: {question}"


def conditions(invented):
    """The cells of every box of a rule or sentence, in the order of their bits."""
    for one in [*invented.rules["rules"], *invented.rules["must_hold"]]:
        rest = [(name, cell) for name, cell in one["when"].items() if name != "any_of"]
        for alternative in one["when"].get("any_of", [{}]):
            yield [*rest, *alternative.items()]


def boxes_held(invented, referral):
    """The boxes that a referral is in, as a bitmap."""
    facts = invented.schema["facts"]
    holding = [all(reference.meets(facts[name], cell, referral[name]) for name, cell in cells) for cells in conditions(invented)]
    return sum(1 << place for place, holds in enumerate(holding) if holds)


def any_question(random, boxes):
    def some(most):
        return sum({1 << random.randrange(boxes) for _ in range(random.randint(0, most))})

    require = [wanted for _ in range(random.randint(0, 3)) if (wanted := some(3))]
    imply = [(first, some(2)) for _ in range(random.randint(0, 3)) if (first := some(2))]
    return Question(some(4), tuple(require), tuple(imply))


def answers(question, boxes):
    if boxes & question.forbid:
        return False
    return all(boxes & one_of for one_of in question.require) and all(boxes & then or not boxes & first for first, then in question.imply)
