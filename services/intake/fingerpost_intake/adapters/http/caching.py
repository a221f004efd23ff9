"""Keeps answers to senders out of caches: they hold references, and what became of a referral."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class NoStore:
    """Marks every answer under /v1, refusals with the rest, as one that nobody between here and its sender may store."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What it wraps, with the header."""

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Cache-Control"] = "no-store"
            await send(message)

        is_answer = scope["type"] == "http" and scope["path"].startswith("/v1/")
        await self._app(scope, receive, send_marked if is_answer else send)
