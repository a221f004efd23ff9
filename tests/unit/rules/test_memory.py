"""Answers are worked out once, and no more are kept than may be."""

from fingerpost_rules.memory import Memory


def test_an_answer_is_worked_out_once():
    asked = []
    memory = Memory(lambda number: asked.append(number) or number * 2)
    assert [memory[3], memory[3]] == [6, 6]
    assert asked == [3]


def test_no_more_answers_are_kept_than_may_be():
    memory = Memory(lambda number: number * 2, most=2)
    assert [memory[number] for number in (1, 2, 3)] == [2, 4, 6]
    assert list(memory) == [3]
