"""The three pages that every service has for those who watch it: alive, ready, and its figures."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest


def router(lacking: Callable[[], Awaitable[list[str]]]) -> APIRouter:
    """`/livez` (the event loop turns), `/readyz` (503 with what is lacking), `/metrics` (Prometheus)."""
    pages = APIRouter(include_in_schema=False)

    async def livez() -> dict[str, str]:
        return {"status": "alive"}

    async def readyz(response: Response) -> dict[str, Any]:
        missing = await lacking()
        response.status_code = 503 if missing else 200
        return {"status": "not ready" if missing else "ready", "lacking": missing}

    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    for page in (livez, readyz, metrics):
        pages.add_api_route(f"/{page.__name__}", page)
    return pages
