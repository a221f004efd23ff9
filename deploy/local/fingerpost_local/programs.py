"""What runs beside NATS and PostgreSQL: each service and the mail catcher, with the settings that each gets."""

import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path

from fingerpost_local.ports import KeptPorts
from fingerpost_local.settings import LocalSettings
from fingerpost_local.stores import Stores, database_settings

WITH_DATABASE = ("intake", "router", "notifier")
SERVICES = (*WITH_DATABASE, "console")


@dataclass(frozen=True)
class Program:
    """A program to keep running. It is ready once `url`/readyz answers 200."""

    name: str
    argv: tuple[str, ...]
    url: str
    environment: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Ports:
    """The ports of the programs, chosen before any of them starts, because they are told of each other."""

    intake: int
    router: int
    notifier: int
    console: int
    smtp: int
    mail: int


def choose_ports(settings: LocalSettings, kept: KeptPorts) -> Ports:
    """The ports of the last start, but for those that the settings fix. Raises `CannotStart` when one of those is taken."""
    return Ports(
        intake=kept.choose("intake", settings.intake_port),
        router=kept.choose("router"),
        notifier=kept.choose("notifier"),
        console=kept.choose("console", settings.console_port),
        smtp=kept.choose("smtp"),
        mail=kept.choose("mail"),
    )


def fingerpost() -> str:
    """The `fingerpost` command of this installation."""
    return str(Path(sysconfig.get_path("scripts")) / "fingerpost")


def service_programs(stores: Stores, settings: LocalSettings, ports: Ports, catches_mail: bool) -> list[Program]:
    """Intake, router, notifier and console, in the order in which they start. None is told of another's database."""
    told = {
        "FINGERPOST_ENVIRONMENT": "demo",
        "FINGERPOST_PARTNERSHIP_DIR": str(settings.partnership_dir),
        "FINGERPOST_NATS_URL": stores.nats_url,
        "FINGERPOST_KEYS_DIR": str(stores.keys_dir),
        "FINGERPOST_HTTP_HOST": "127.0.0.1",
        "FINGERPOST_CONSOLE_URL": _loopback(ports.console),
        "FINGERPOST_INTAKE_URL": _loopback(ports.intake),
        "FINGERPOST_MAIL_FROM": settings.mail_from,
        **(_mail_settings(ports) if catches_mail else {}),
    }
    return [
        Program(
            name,
            (fingerpost(), name, "serve"),
            _loopback(getattr(ports, name)),
            {
                **told,
                "FINGERPOST_NATS_SEED_FILE": str(stores.seeds[name]),
                "FINGERPOST_HTTP_PORT": str(getattr(ports, name)),
                **database_settings(stores, name),
            },
        )
        for name in SERVICES
    ]


def mail_catcher_program(directory: Path, ports: Ports) -> Program:
    """The demo's mail server."""
    options = ("--folder", str(directory / "mail"), "--smtp-port", str(ports.smtp), "--http-port", str(ports.mail))
    return Program("mail", (sys.executable, "-m", "fingerpost_local.mail_catcher", *options), _loopback(ports.mail))


def _mail_settings(ports: Ports) -> dict[str, str]:
    return {
        "FINGERPOST_SMTP_URL": f"smtp://127.0.0.1:{ports.smtp}",
        "FINGERPOST_MAIL_CATCHER_URL": _loopback(ports.mail),
    }


def _loopback(port: int) -> str:
    return f"http://127.0.0.1:{port}"
