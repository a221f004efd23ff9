"""What runs beside NATS and PostgreSQL: each service and the mail catcher, with the settings that each gets."""

import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path

from fingerpost_local.ports import free_port
from fingerpost_local.servers import Servers
from fingerpost_local.settings import LocalSettings

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


def choose_ports(settings: LocalSettings) -> Ports:
    """Free ports, but for those that the settings fix."""
    return Ports(
        intake=free_port(settings.intake_port),
        router=free_port(),
        notifier=free_port(),
        console=free_port(settings.console_port),
        smtp=free_port(),
        mail=free_port(),
    )


def fingerpost() -> str:
    """The `fingerpost` command of this installation."""
    return str(Path(sysconfig.get_path("scripts")) / "fingerpost")


def service_programs(servers: Servers, settings: LocalSettings, ports: Ports, catches_mail: bool) -> list[Program]:
    """Intake, router, notifier and console, in the order in which they start."""
    own = own_settings(servers, settings, ports, catches_mail)
    return [
        Program(
            name,
            (fingerpost(), name, "serve"),
            _loopback(getattr(ports, name)),
            {
                **common_settings(servers, settings),
                "FINGERPOST_NATS_SEED_FILE": str(servers.seeds[name]),
                "FINGERPOST_HTTP_PORT": str(getattr(ports, name)),
                **own[name],
            },
        )
        for name in SERVICES
    ]


def common_settings(servers: Servers, settings: LocalSettings) -> dict[str, str]:
    """What every service is told."""
    return {
        "FINGERPOST_ENVIRONMENT": "demo",
        "FINGERPOST_PARTNERSHIP_DIR": str(settings.partnership_dir),
        "FINGERPOST_NATS_URL": servers.nats_url,
        "FINGERPOST_KEYS_DIR": str(servers.keys_dir),
        "FINGERPOST_HTTP_HOST": "127.0.0.1",
    }


def own_settings(servers: Servers, settings: LocalSettings, ports: Ports, catches_mail: bool) -> dict[str, dict[str, str]]:
    """What each service is told besides: no service is told of another's database."""
    urls = servers.database_urls
    console = _loopback(ports.console)
    smtp = {"FINGERPOST_SMTP_URL": f"smtp://127.0.0.1:{ports.smtp}"} if catches_mail else {}
    return {
        "intake": {
            "FINGERPOST_DATABASE_URL": urls["intake"],
            "FINGERPOST_KEYS_DATABASE_URL": urls["intake_keys"],
            "FINGERPOST_CONSOLE_URL": console,
        },
        "router": {"FINGERPOST_DATABASE_URL": urls["router"]},
        "notifier": {
            "FINGERPOST_DATABASE_URL": urls["notifier"],
            "FINGERPOST_MAIL_FROM": settings.mail_from,
            "FINGERPOST_CONSOLE_URL": console,
            **smtp,
        },
        "console": {"FINGERPOST_MAIL_CATCHER_URL": _loopback(ports.mail)} if catches_mail else {},
    }


def mail_catcher_program(directory: Path, ports: Ports) -> Program:
    """The demo's mail server."""
    options = ("--folder", str(directory / "mail"), "--smtp-port", str(ports.smtp), "--http-port", str(ports.mail))
    return Program("mail", (sys.executable, "-m", "fingerpost_local.mail_catcher", *options), _loopback(ports.mail))


def _loopback(port: int) -> str:
    return f"http://127.0.0.1:{port}"
