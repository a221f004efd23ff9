"""`fingerpost rules sheet`: to Excel and back without loss, and no workbook that can do harm."""

import json
import re
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
    ("Rules", "D1", "when kinds", "'when kinds' is written twice"),
    ("Rules", "F3", "matac", "'matac' stands under 'lead' of an 'or' row"),
    ("About", "A3", "titel", "Did you mean 'title'"),
    ("About", "A3", "ruleset", "'ruleset' is written twice"),
    ("About", "B7", "P1", "'band P1' is written twice"),
]


@pytest.mark.parametrize(("title", "place", "value", "words"), EDITS, ids=[words for *_, words in EDITS])
def test_a_row_or_heading_that_means_nothing_is_told_with_its_row(tmp_path, title, place, value, words):
    path = there(tmp_path)
    book = load_workbook(path)
    book[title][place].value = value
    book.save(path)
    answer = back(tmp_path)
    assert answer.exit_code == 2
    assert words in answer.stderr


def test_a_script_is_told_what_was_written(tmp_path):
    answer = CliRunner().invoke(app, ["rules", "sheet", str(write(tmp_path)), str(tmp_path / "rules.xlsx"), "--json"])
    assert json.loads(answer.stdout) == {"written": str(tmp_path / "rules.xlsx")}


def test_merged_cells_are_refused_for_they_would_take_a_condition_from_a_rule(tmp_path):
    path = there(tmp_path)
    book = load_workbook(path)
    book["Rules"].merge_cells("C2:C4")
    book.save(path)
    answer = back(tmp_path)
    assert answer.exit_code == 2
    assert f"{path}:2: Sheet 'Rules': the cells C2:C4 are merged" in answer.stderr


@pytest.mark.parametrize("place", ["B2", "C2"])
def test_a_formula_is_refused_with_its_cell(tmp_path, place):
    path = there(tmp_path)
    book = load_workbook(path)
    book["Rules"][place].value = '="has "&"fraud"'
    book.save(path)
    answer = back(tmp_path)
    assert answer.exit_code == 2
    assert f"{path}:2: Sheet 'Rules': {place} holds a formula" in answer.stderr


def rewrite(path, edit):
    """The workbook with each of its parts edited as text."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in edit(parts).items():
            archive.writestr(name, text)


def with_too_small_dimensions(parts):
    return {name: re.sub(r'<dimension ref="[^"]*"', '<dimension ref="A1:B2"', text) for name, text in parts.items()}


def without_dimensions(parts):
    return {name: re.sub(r"<dimension [^>]*>", "", text) for name, text in parts.items()}


def with_shared_strings(parts):
    """Texts as Excel and LibreOffice keep them: once, in a part of their own, some in pieces of other looks."""
    texts = []

    def shared(match):
        texts.append(match[1])
        return f'{match[0].split(" t=")[0]} t="s"><v>{len(texts) - 1}</v></c>'

    sheets = {
        name: re.sub(r'<c r="[A-Z]+[0-9]+"[^>]* t="inlineStr"><is>(.*?)</is></c>', shared, text, flags=re.DOTALL)
        for name, text in parts.items()
        if "worksheets/" in name
    }
    pieces = "".join(f"<si>{text}</si>" for text in texts).replace(
        "<t>has domestic_abuse</t>", '<r><t xml:space="preserve">has </t></r><r><rPr><b/></rPr><t>domestic_abuse</t></r>'
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    content = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    types = parts["[Content_Types].xml"].replace(
        "</Types>", f'<Override PartName="/xl/sharedStrings.xml" ContentType="{content}"/></Types>'
    )
    relations = parts["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>", f'<Relationship Id="rId99" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
    )
    assert texts
    return {
        **parts,
        **sheets,
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">{pieces}</sst>',
        "[Content_Types].xml": types,
        "xl/_rels/workbook.xml.rels": relations,
    }


def with_looks_to_the_very_end(parts):
    """Looks and no text in the last row and the last column that a sheet can have."""
    end = '<c r="XFD1048576" s="1"/></row></sheetData>'
    return {name: text.replace("</sheetData>", f'<row r="1048576">{end}') for name, text in parts.items()}


@pytest.mark.parametrize("edit", [with_too_small_dimensions, without_dimensions, with_shared_strings, with_looks_to_the_very_end])
def test_the_habits_of_a_program_lose_nothing(tmp_path, edit):
    before = read(tmp_path).hash
    rewrite(there(tmp_path), edit)
    assert back(tmp_path).exit_code == 0
    assert read(tmp_path, rules=(tmp_path / "rules.yaml").read_text()).hash == before


def test_a_shared_formula_is_refused_in_the_cells_that_share_it_too(tmp_path):
    def edit(parts):
        formula = '<c r="C3" t="str"><f t="shared" si="0"/><v>has fraud</v></c>'
        return {name: re.sub(r'<c r="C3"[^>]*?(/>|>.*?</c>)', formula, text) for name, text in parts.items()}

    rewrite(there(tmp_path), edit)
    answer = back(tmp_path)
    assert answer.exit_code == 2
    assert "C3 holds a formula" in answer.stderr


@pytest.mark.parametrize("place", ["B20001", "SH2"])
def test_what_lies_too_far_off_is_refused_and_not_lost(tmp_path, place):
    path = there(tmp_path)
    book = load_workbook(path)
    book["Rules"][place].value = "at least 3"
    book.save(path)
    answer = back(tmp_path)
    assert answer.exit_code == 2
    assert "more than 20000 rows or 500 columns" in answer.stderr


def offered(book, title, heading):
    """The choices of the drop-down under a heading."""
    sheet = book[title]
    column = next(cell.column_letter for cell in sheet[1] if cell.value == heading)
    offers = [one for one in sheet.data_validations.dataValidation if f"{column}2" in one.sqref]
    assert not any(one.showErrorMessage for one in offers)  # a cell may say more than a choice
    return [cell.value for one in offers for (cell,) in book["Choices"][one.formula1.split("!")[1].replace("$", "")]]


def test_cells_offer_choices(tmp_path):
    book = load_workbook(there(tmp_path, RULES.replace("    - victim_age: under 16", "    - {victim_age: under 16, weapon: bladed}")))
    assert offered(book, "Rules", "when weapon") == (
        ["none", "other", "bladed", "firearm", "not none", "not other", "not bladed", "not firearm", "unknown", "known"]
    )
    assert offered(book, "Rules", "when kinds") == ["has domestic_abuse", "has asb", "has fraud"]  # some and known would be everything
    assert offered(book, "Rules", "lead") == ["csp_duty_desk", "childrens_mash", "matac"]  # a board owns no case
    assert offered(book, "Rules", "copy") == ["csp_duty_desk", "childrens_mash", "matac", "csp_board"]
    assert offered(book, "Rules", "band") == ["P1", "P2", "P3"]
    assert offered(book, "Must hold", "band_at_least") == ["P1", "P2", "P3"]
    assert offered(book, "Rules", "when dash_ticks") == []
    assert book["Choices"].sheet_state == "hidden"


def test_a_sheet_tells_the_facts(tmp_path):
    rows = [[cell.value for cell in row] for row in load_workbook(there(tmp_path))["Facts"].iter_rows()]
    assert ["when dash_ticks", "DASH ticks", "number", "0 to 24", "yes", "yes", None] in rows
    assert ["when kinds", "Kinds", "set", "domestic_abuse, asb, fraud, at least 1 of them", None, None, None] in rows


def test_a_sheet_tells_what_the_proofs_find(tmp_path):
    assert load_workbook(there(tmp_path))["Findings"]["A2"].value == "none"
    faulty = RULES.replace("{dash_ticks: at least 14, kinds: has domestic_abuse}", "{dash_ticks: at least 13}")
    found = load_workbook(there(tmp_path, faulty))["Findings"]
    assert (found["A2"].value, found["B2"].value) == ("must_hold", "M1")
    assert "M1 does not hold" in found["D2"].value
    assert '"dash_ticks": 13' in found["F2"].value


def test_a_sheet_that_was_renamed_is_missed_and_not_lost(tmp_path):
    path = there(tmp_path)
    book = load_workbook(path)
    book["Must hold"].title = "must_hold"
    book.save(path)
    answer = back(tmp_path)
    assert answer.exit_code == 2
    assert "There is no sheet 'Must hold'" in answer.stderr


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
