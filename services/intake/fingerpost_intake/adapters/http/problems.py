"""Errors to senders as problem details (RFC 9457). They say what, where and how to mend it, and never show a value that was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import Counter

from fingerpost_intake.domain.faults import Fault

RETRY = {"Retry-After": "5"}
REFUSED = Counter("fingerpost_refused", "What the HTTP edge refused; its sender still holds it", ["agency", "status"])


class Problem(Exception):
    """A request that is refused. `code` names the kind of problem, see docs/problems.md."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
        agency: str = "unknown",
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.detail, self.faults, self.headers, self.agency = status, code, detail, faults, headers, agency


async def show_problem(_request: Request, problem: Exception) -> Response:
    """FastAPI's handler for `Problem`."""
    assert isinstance(problem, Problem)
    REFUSED.labels(problem.agency, str(problem.status)).inc()
    body: dict[str, Any] = {
        "type": f"/problems/{problem.code}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.faults:
        body["errors"] = [asdict(fault) for fault in problem.faults]
    return JSONResponse(body, problem.status, headers=dict(problem.headers or {}), media_type="application/problem+json")
