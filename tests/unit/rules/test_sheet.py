"""`fingerpost rules sheet`: to Excel and back without loss, and no workbook that can do harm."""

import zipfile
from datetime import datetime

import pytest
import yaml
from openpyxl import load_workbook
from typer.testing import CliRunner

from fingerpost_rules import read_facts, read_rule_set
from fingerpost_rules.commands import app
from fingerpost_rules.sheet import read_sheet, write_sheet
from fingerpost_rules.writing import as_yaml
from tests.unit.rules.examples import RULES, read, write
from tests.unit.rules.invented import NAMES, invent


def sheet(source, target):
    return CliRunner().invoke(app, ["rules", "sheet", str(source), str(target)])


def there(tmp_path, rules=RULES):
    path = write(tmp_path, rules=rules)
    answer = sheet(path, tmp_path / "rules.xlsx")
    assert answer.exit_code == 0, answer.output
    return tmp_path / "rules.xlsx"


def back(tmp_path):
    return sheet(tmp_path / "rules.xlsx", tmp_path / "rules.yaml")


def test_there_and_back_nothing_is_lost(tmp_path):
    before = read(tmp_path).hash
    there(tmp_path)
    assert back(tmp_path).exit_code == 0
    assert read(tmp_path, rules=(tmp_path / "rules.yaml").read_text()).hash == before


def test_there_and_back_nothing_is_lost_of_any_invented_rules(tmp_path):
    for seed in range(25):
        rule_set = invent(seed, tmp_path).rule_set
        write_sheet(rule_set, tmp_path / "rules.xlsx")
        (tmp_path / "back.yaml").write_text(as_yaml(read_sheet(tmp_path / "rules.xlsx")))
        again = read_rule_set(tmp_path / "back.yaml", read_facts(tmp_path / "facts.yaml"), NAMES)
        assert again.hash == rule_set.hash, f"seed {seed}"


def test_texts_with_signs_keep_them_and_are_no_formulas(tmp_path):
    tricky = ["=1+1", "+44 1632", "@SUM(A1)", "a, b: c # d", "-", "'quoted'", "two\nlines", "no", "1e3", "ünï “curly” 漢"]
    rules = yaml.safe_load(RULES)
    for text in tricky:
        rules["rules"][1]["because"] = f"{text} x" if text == "-" else text
        before = read(tmp_path, rules=yaml.safe_dump(rules)).hash
        path = there(tmp_path, yaml.safe_dump(rules))
        assert all(cell.data_type != "f" for row in load_workbook(path)["Rules"].iter_rows() for cell in row)
        assert back(tmp_path).exit_code == 0
        assert read(tmp_path, rules=(tmp_path / "rules.yaml").read_text()).hash == before, text


def test_what_excel_makes_of_typed_words_is_undone(tmp_path):
    path = there(tmp_path)
    book = load_workbook(path)
    heading = [cell.value for cell in book["Rules"][1]]
    column = heading.index("when victim_age") + 1
    book["Rules"].cell(3, column).value = 15.0
    book["Rules"].cell(2, column).value = "-"
    book["About"]["B5"].value = datetime(2026, 4, 1)
    book.save(path)
    assert back(tmp_path).exit_code == 0
    rules = yaml.safe_load((tmp_path / "rules.yaml").read_text())
    assert rules["rules"][0]["when"]["any_of"][0] == {"victim_age": "15"}
    assert "victim_age" not in rules["rules"][0]["when"]
    assert str(rules["effective_from"]) == "2026-04-01"


def test_an_edit_that_means_nothing_is_told(tmp_path):
    path = there(tmp_path)
    book = load_workbook(path)
    book["Rules"].cell(3, 4).value = "at lest 14"
    book["Rules"].cell(4, 4).value = True
    book.save(path)
    answer = back(tmp_path)
    assert answer.exit_code == 2
    assert "at lest 14" in answer.stderr


EDITS = [
    ("Rules", "A2", "or", "must stand below the row"),
    ("Rules", "A1", "idd", "'idd' is not known"),
    ("Rules", "Z2", "stray", "without a heading"),
    ("About", "A3", "titel", "Did you mean 'title'"),
]


@pytest.mark.parametrize(("title", "place", "value", "words"), EDITS, ids=[value for _, _, value, _ in EDITS])
def test_a_row_or_heading_that_means_nothing_is_told_with_its_row(tmp_path, title, place, value, words):
    path = there(tmp_path)
    book = load_workbook(path)
    book[title][place].value = value
    book.save(path)
    answer = back(tmp_path)
    assert answer.exit_code == 2
    assert words in answer.stderr


def test_a_control_character_that_excel_cannot_keep_is_told(tmp_path):
    path = write(tmp_path, rules=RULES.replace("because: Because it is so", 'because: "bell \\a"'))
    answer = sheet(path, tmp_path / "rules.xlsx")
    assert answer.exit_code == 2
    assert "control character" in answer.stderr


def bomb(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 70_000_000)


def other_zip(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", b"hello")


def entities(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", b'<!DOCTYPE a [<!ENTITY a "aaa"><!ENTITY b "&a;&a;">]><Types>&b;</Types>')


@pytest.mark.parametrize("broken", [bomb, other_zip, entities, lambda path: path.write_bytes(b"nonsense"), lambda path: None])
def test_what_is_no_workbook_is_refused_in_words(tmp_path, broken):
    write(tmp_path)
    broken(tmp_path / "rules.xlsx")
    answer = back(tmp_path)
    assert answer.exit_code == 2
    assert f"{tmp_path / 'rules.xlsx'}:1: " in answer.stderr
    assert read(tmp_path).title == "An example"
