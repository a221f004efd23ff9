"""A rule set from its text, as services keep it: what is wrong is told by the names of its files, wherever they were read."""

import pytest

from fingerpost_rules import Unreadable
from fingerpost_rules.live import read_rule_set_text
from tests.unit.rules.examples import FACTS, RULES


def test_a_set_reads_from_its_text_as_from_its_files():
    assert read_rule_set_text(RULES, FACTS, None).title


@pytest.mark.parametrize(
    ("rules", "facts", "file"),
    [(RULES.replace("dash_ticks", "dash_tick"), FACTS, "rules.yaml"), (RULES, FACTS.replace("type: set", "type: sett", 1), "facts.yaml")],
)
def test_what_is_wrong_names_the_file_and_no_folder_of_this_machine(rules: str, facts: str, file: str):
    with pytest.raises(Unreadable) as caught:
        read_rule_set_text(rules, facts, None)
    assert {error.file for error in caught.value.errors} == {file}
    assert all(line.startswith(f"{file}:") for line in str(caught.value).splitlines())
