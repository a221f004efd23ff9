"""Errors to senders as problem details (RFC 9457). They say what, where and how to mend it, and never show a value that was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import Counter
from starlette.exceptions import HTTPException

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


def add_problems(http: FastAPI) -> None:
    """Have every refusal of this application answered with problem details: an address or a method that there is not, too."""
    http.add_exception_handler(Problem, show_problem)
    http.add_exception_handler(404, _show_no_address)
    http.add_exception_handler(405, _show_wrong_method)


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


async def _show_no_address(request: Request, _error: Exception) -> Response:
    return await show_problem(
        request, Problem(404, "no-such-address", "There is nothing at this address; /openapi.json lists what there is.")
    )


async def _show_wrong_method(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = "This address is not for this method; the header 'Allow' names the one that it is for."
    return await show_problem(request, Problem(405, "wrong-method", detail, headers=error.headers))
