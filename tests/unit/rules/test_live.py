"""A rule set from its text, as services keep it: what is wrong is told by the names of its files, wherever they were read."""

import pytest

from fingerpost_rules import Unreadable
from fingerpost_rules.live import read_rule_set_text
from tests.unit.rules.examples import FACTS, RULES


def test_a_set_reads_from_its_text_as_from_its_files():
    assert read_rule_set_text(RULES, FACTS, None).title


def test_a_published_set_with_a_comment_behind_a_reason_stays_readable():
    """Its decisions are replayed for ever, and services start with it: a stricter reader must not lock it out."""
    with_comment = RULES.replace("  because: Because it is so", "  because: Because it is so  # agreed in May")
    assert with_comment != RULES
    assert [rule.because for rule in read_rule_set_text(with_comment, FACTS, None).rules][-1] == "Because it is so"


@pytest.mark.parametrize(
    ("rules", "facts", "file"),
    [(RULES.replace("dash_ticks", "dash_tick"), FACTS, "rules.yaml"), (RULES, FACTS.replace("type: set", "type: sett", 1), "facts.yaml")],
)
def test_what_is_wrong_names_the_file_and_no_folder_of_this_machine(rules: str, facts: str, file: str):
    with pytest.raises(Unreadable) as caught:
        read_rule_set_text(rules, facts, None)
    assert {error.file for error in caught.value.errors} == {file}
    assert all(line.startswith(f"{file}:") for line in str(caught.value).splitlines())
