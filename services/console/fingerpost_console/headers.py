"""The headers that every answer carries: nothing is stored, framed, referred onwards or run but what is the console's own."""

import base64
import hashlib
import re
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FIXED = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
FORM_TYPE = "application/x-www-form-urlencoded"
MOST_FORM_BYTES = 16 * 1024


def content_security_policy(inline_scripts: Iterable[str]) -> str:
    """A policy that lets run the console's own files, and these inline scripts by their hash."""
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" for script in inline_scripts)
    return (
        f"default-src 'none'; script-src 'self' {hashes}; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )


def inline_scripts(template: str) -> list[str]:
    """The scripts that stand in the text of a template."""
    return re.findall(r"<script\b[^>]*>([^<]+)</script>", template)


class SecurityHeaders:
    """Adds the headers to each answer; one that says nothing about storing must not be stored."""

    def __init__(self, app: ASGIApp, policy: str) -> None:
        self._app = app
        self._headers = {**FIXED, "Content-Security-Policy": policy}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class SmallForms:
    """Lets forms in as the console's own pages send them. Others would be read whole, to a file, before anybody knows who sends them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST":
            headers = Headers(scope=scope)
            # a body in pieces has no known size, whatever length is given beside it
            length = "" if "Transfer-Encoding" in headers else headers.get("Content-Length", "0")
            is_form = headers.get("Content-Type", "").partition(";")[0].strip().lower() == FORM_TYPE
            if length != "0" and not (is_form and length.isdecimal() and int(length) <= MOST_FORM_BYTES):
                await PlainTextResponse(f"Send a form as {FORM_TYPE}, of at most {MOST_FORM_BYTES} bytes.", 413)(scope, receive, send)
                return
        await self._app(scope, receive, send)
