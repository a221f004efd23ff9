"""docs/problems.md tells of every kind of problem that intake answers, and of no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from fingerpost_intake.adapters.http import problems

DOCUMENT = Path(__file__).parents[2] / "docs" / "problems.md"
EDGE = Path(problems.__file__).parent


def literals(node: ast.AST) -> Iterator[str]:
    return (inner.value for inner in ast.walk(node) if isinstance(inner, ast.Constant) and isinstance(inner.value, str))


def test_the_document_has_every_kind_of_problem_and_no_other() -> None:
    documented = set(re.findall(r"^\| `/problems/([a-z-]+)` \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE))
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in EDGE.glob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem"]
    raised = {code for call in calls for code in literals(call.args[1])}
    assert len(raised) > 8
    assert raised - documented == set()
    assert documented - {text for tree in trees for text in literals(tree)} == set()
