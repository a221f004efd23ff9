"""Every reason that intake can give for a quarantine has words in the console, so that whoever mends it reads no code."""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

import fingerpost_intake
from fingerpost_console.domain.reasons import QUARANTINE_WORDS
from fingerpost_intake.domain.faults import faults_of
from fingerpost_intake.domain.referral import Referral

# which argument of a call is the code
CODE_OF_CALL = {"Fault": 1, "NotJson": 0, "_not_a_value": 2}
WRONG: tuple[Any, ...] = (
    *(None, True, 3, -1, 10**9, 1e300, float("nan"), "", "x", "x" * 200_000, "2026-13-45", "12:00", "2026-01-02T03:04:05"),
    *(
        "2026-01-02T25:00:00Z",
        "9999999999999999",
        [],
        [None],
        [[]],
        {},
        {"x": None},
        {"x": []},
        [{}] * 300,
        {str(n): "yes" for n in range(60)},
    ),
)


def written_codes() -> Iterator[str]:
    """The codes that stand in intake's own words."""
    for file in Path(fingerpost_intake.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CODE_OF_CALL:
                place = CODE_OF_CALL[node.func.id]
                named = [keyword.value for keyword in node.keywords if keyword.arg == "code"]
                yield from strings([*node.args[place : place + 1], *named])
            if isinstance(node, ast.FunctionDef) and node.name in CODE_OF_CALL:
                yield from strings(node.args.defaults)


def strings(nodes: Iterable[ast.expr]) -> Iterator[str]:
    return (node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str))


def found_codes(model: type[BaseModel]) -> Iterator[str]:
    """The codes that a referral's own schema gives to values which do not belong where they stand, on every level."""
    for content in (*WRONG, *({name: wrong} for name in every_name(Referral) for wrong in WRONG)):
        for nested in (content, {"incidents": [content]}, {"incidents": [{"place": content}]}, {"people": [content]}, *deeper(content)):
            try:
                model.model_validate(nested)
            except ValidationError as error:
                yield from (fault.code for fault in faults_of(error, model))


def deeper(content: Any) -> Iterator[dict[str, Any]]:
    yield {"people": [{"safe_contact": content}]}
    yield {"assessments": content}
    yield {"assessments": {"dash": content}}
    yield {"referrer": content}


def every_name(model: type[BaseModel]) -> set[str]:
    properties = [part.get("properties", {}) for part in (model.model_json_schema(), *model.model_json_schema()["$defs"].values())]
    return {name for names in properties for name in names}


@pytest.mark.parametrize("codes", [set(written_codes()), set(found_codes(Referral))], ids=["intake's own", "its schema's"])
def test_every_reason_that_intake_can_give_has_words(codes: set[str]) -> None:
    assert len(codes) > 10
    assert codes - set(QUARANTINE_WORDS) == set()
