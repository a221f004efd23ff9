"""The services as they are wired, without a server to talk to: what they register can be read before anything runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import fingerpost_console.app
import fingerpost_intake.app
import fingerpost_notifier.app
import fingerpost_router.app
from fingerpost_console.settings import ConsoleSettings
from fingerpost_intake.settings import IntakeSettings
from fingerpost_local.keys import make_keys
from fingerpost_local.parties import read_parties
from fingerpost_notifier.settings import NotifierSettings
from fingerpost_router.settings import RouterSettings
from fingerpost_shared.runtime.service import Service

PARTNERSHIP = Path(__file__).parents[2] / "config" / "herefordshire"
NO_DATABASE = "postgresql://nobody@127.0.0.1:1/none"

_APPS: dict[str, tuple[Callable[[Any], Service], type[Any], dict[str, str]]] = {
    "intake": (fingerpost_intake.app.create_app, IntakeSettings, {"database_url": NO_DATABASE, "keys_database_url": NO_DATABASE}),
    "router": (fingerpost_router.app.create_app, RouterSettings, {"database_url": NO_DATABASE}),
    "notifier": (fingerpost_notifier.app.create_app, NotifierSettings, {"database_url": NO_DATABASE}),
    "console": (fingerpost_console.app.create_app, ConsoleSettings, {"environment": "demo"}),
}


def wired(folder: Path) -> dict[str, Service]:
    """Every service by name, with keys of its own made in `folder`."""
    make_keys(folder / "keys", read_parties(PARTNERSHIP))
    common = {"keys_dir": folder / "keys", "partnership_dir": PARTNERSHIP}
    return {name: create(settings(**common, **own)) for name, (create, settings, own) in _APPS.items()}
