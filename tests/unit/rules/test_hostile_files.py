"""Files as they arrive from the world: huge, tricky, saved by the wrong program. A clear error or the right rules, nothing else."""

import time

import pytest

from fingerpost_rules import Unreadable
from tests.unit.rules.examples import DIRECTORY, FACTS, RULES, a_referral, read

SOUND = {
    "a byte-order mark": RULES.encode("utf-8-sig"),
    "UTF-16": RULES.encode("utf-16"),
    "CRLF line ends": RULES.replace("\n", "\r\n").encode(),
    "CR line ends": RULES.replace("\n", "\r").encode(),
    "non-breaking blanks in a cell": RULES.replace("at least 14", "at\u00a0least\u00a014").encode(),
    "anchors and aliases": RULES.replace("when: {}", "when: &all {}").replace("[prevention]\n", "&tags [prevention]\n", 1).encode(),
}


@pytest.mark.parametrize("content", SOUND.values(), ids=SOUND)
def test_a_harmless_habit_of_a_program_changes_nothing(tmp_path, content):
    assert read(tmp_path, rules=content).hash == read(tmp_path, rules=RULES).hash


def test_a_table_written_once_and_named_twice_is_read_as_two(tmp_path):
    shared = RULES.replace("when: {}", "when: &same {kinds: has asb}").replace("when: {dash", "when: *same}\n- {id: M2, when: {dash")
    shared = shared.replace("when: *same}", "when: *same, alerts: police}")
    assert [cell.text for cell in read(tmp_path, rules=shared).must_hold[0].condition.always.values()] == ["has asb"]


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)

BROKEN = {
    "an alias bomb": (BOMB, "million words"),
    "an alias inside itself": ("rules: &r [*r]\n", "inside itself"),
    "an alias of nothing": ("rules: *r\n", "not defined above"),
    "ten megabytes": ("# " + "x" * 10_000_000, "Larger than 8 MB"),
    "a million brackets": ("rules: " + "[" * 1_000_000, "deep"),
    "a tab": (RULES.replace("  title: Domestic", "\ttitle: Domestic"), "tab"),
    "nothing": ("", "must hold keys and values"),
    "a list": ("- a\n- b\n", "must hold keys and values"),
    "a second document": (RULES + "---\na: b\n", "second document"),
    "a Python object": ("rules: !!python/object/apply:os.system [ls]\n", "tag"),
    "a control character": ("title: a\x07b\n", "YAML"),
    "another character set": ("title: caf\xe9\n".encode("latin-1"), "UTF-8"),
    "a list as key": ("? [a, b]\n: c\n", "one word"),
    "an unclosed quote": ('title: "open\n', "a quote that is not closed"),
    "an unclosed bracket": ("rules: [a, b\n", "is not closed"),
}


@pytest.mark.parametrize(("content", "words"), BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("which", ["rules", "facts", "directory"])
def test_a_broken_file_is_refused_in_words_and_soon(tmp_path, which, content, words):
    started = time.monotonic()
    with pytest.raises(Unreadable) as caught:
        read(tmp_path, **{which: content})
    assert words in str(caught.value)
    assert caught.value.errors[0].file == str(tmp_path / f"{which}.yaml")
    assert all(error.line >= 1 and len(error.message) < 500 for error in caught.value.errors)
    assert time.monotonic() - started < 5


def test_curly_quotes_never_become_part_of_a_word(tmp_path):
    with pytest.raises(Unreadable, match="Did you mean 'at least 14'"):
        read(tmp_path, rules=RULES.replace("at least 14\n", "“at least 14”\n"))


def test_a_file_that_is_not_there_is_an_error_like_others(tmp_path):
    from fingerpost_rules import read_facts

    with pytest.raises(Unreadable, match="Cannot be opened: no such file"):
        read_facts(tmp_path / "nowhere.yaml")


def test_words_that_yaml_would_turn_into_something_else_stay_words(tmp_path):
    facts = FACTS.replace("[none, other, bladed, firearm]", "[no, yes, 2016-01-01, 1e3, 0x10, null]").replace(
        "weapon: firearm", "weapon: 1e3"
    )
    rules = RULES.replace("kinds: has domestic_abuse\n", "weapon: no or 2016-01-01 or null\n")
    rule_set = read(tmp_path, facts=facts, rules=rules)
    assert rule_set.decide(a_referral(weapon="no", victim_age=3)).fired == ("DA-01", "AS-01")
    assert rule_set.decide(a_referral(weapon="null", victim_age=3)).fired == ("DA-01", "AS-01")
    assert rule_set.decide(a_referral(weapon="yes", victim_age=3)).fired == ("AS-01",)


def test_thousands_of_faults_are_told_without_end_of_patience(tmp_path):
    rule = "- {id: nonsense, title: x, when: {nothing: at all}, then: {lead: nobody}, becuse: x}\n"
    started = time.monotonic()
    with pytest.raises(Unreadable) as caught:
        read(tmp_path, rules=RULES.replace("rules:\n", "rules:\n" + rule * 3_000))
    assert 100 <= len(caught.value.errors) <= 1_000
    assert time.monotonic() - started < 10


def test_a_directory_may_hold_whatever_else_it_likes(tmp_path):
    assert read(tmp_path, directory=DIRECTORY + "people: {jo: {name: Jo Sample}}\npartnership: {id: x}\n")
