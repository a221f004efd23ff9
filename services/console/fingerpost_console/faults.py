"""What people see when something does not go as it should: a page that says what, whether anything is lost, and what to do."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from fingerpost_console.domain.asking import Unanswered, UnknownYet
from fingerpost_console.domain.names import PART_WORDS, in_words
from fingerpost_console.site import COOKIE, NotFound, NotOwnForm, SignInFirst, page_of, sign_in_address

# what to check, by what was looked for; the same whether it is not there or not for this person
ADVICE = {
    "referrals": "Check the reference with whoever gave it.",
    "queues": "Choose the group’s queue from Today.",
    "rules": "Check the digits of the rule set’s hash, or choose it from the list of rule sets.",
}


def add_faults(http: FastAPI) -> None:
    """Give each fault its page."""

    @http.exception_handler(SignInFirst)
    async def sign_in_first(request: Request, _fault: SignInFirst) -> Response:  # pyright: ignore[reportUnusedFunction]
        return RedirectResponse(sign_in_address(request), 303)

    @http.exception_handler(NotOwnForm)
    async def not_own_form(request: Request, _fault: NotOwnForm) -> Response:  # pyright: ignore[reportUnusedFunction]
        if COOKIE not in request.cookies or page_of(request).viewer is None:
            return RedirectResponse(sign_in_address(request), 303)
        return _problem(request, 403, "This form is out of date", "Nothing was changed. Go back, reload the page and try again.")

    @http.exception_handler(UnknownYet)
    async def unknown_yet(request: Request, fault: UnknownYet) -> Response:  # pyright: ignore[reportUnusedFunction]
        what = f"What you asked for is stored and will be done. {_part(fault)} has not confirmed it yet."
        return _problem(request, 503, "Saved, not confirmed yet", what, "Open the page again in a minute to see the outcome.")

    @http.exception_handler(Unanswered)
    async def unanswered(request: Request, fault: Unanswered) -> Response:  # pyright: ignore[reportUnusedFunction]
        return _problem(request, 503, f"{_part(fault)} is not answering", *_words_of_silence(request))

    @http.exception_handler(NotFound)
    async def not_found(request: Request, _fault: NotFound) -> Response:  # pyright: ignore[reportUnusedFunction]
        return _not_found(request)

    @http.exception_handler(RequestValidationError)
    async def not_understood(request: Request, _fault: RequestValidationError) -> Response:  # pyright: ignore[reportUnusedFunction]
        start = request.url.path if "after" in request.query_params else None
        return _problem(request, 400, "This address is not complete", "Part of it could not be understood.", start=start)

    @http.exception_handler(HTTPException)
    async def refused(request: Request, fault: HTTPException) -> Response:  # pyright: ignore[reportUnusedFunction]
        if fault.status_code == 404:
            return _not_found(request)
        if fault.status_code == 405:
            return _problem(
                request, 405, "This cannot be done", "It is done by a button on one of the console’s pages. Nothing was changed."
            )
        return _problem(request, fault.status_code, "This cannot be done", str(fault.detail))

    @http.exception_handler(Exception)
    async def failed(_request: Request, _fault: Exception) -> Response:  # pyright: ignore[reportUnusedFunction]
        # plain text, for whatever failed may be what pages are made with
        text = "The console failed to make this page. No referral is lost. Go back and try again; if it fails again, tell the duty desk."
        return PlainTextResponse(text, 500, headers={"Cache-Control": "no-store"})


def _words_of_silence(request: Request) -> tuple[str, str]:
    if request.method == "POST":
        return "What you asked for was not sent, and nothing has changed.", "Go back and try again in a minute."
    return (
        "Nothing is lost: referrals that arrive are stored and wait until this part is back, and every clock keeps running.",
        "This page will work again by itself. If it is urgent, ring the group that needs to know.",
    )


def _not_found(request: Request) -> Response:
    advice = ADVICE.get(request.url.path.split("/")[1], "Check the address, or start again from Today.")
    return _problem(request, 404, "Page not found", "There is no such page, or it is not for your group.", advice)


def _problem(request: Request, status: int, title: str, *paragraphs: str, start: str | None = None) -> Response:
    return page_of(request).render("problem.html", status, title=title, paragraphs=paragraphs, start=start)


def _part(fault: Unanswered) -> str:
    return PART_WORDS.get(fault.service) or in_words(fault.service)
