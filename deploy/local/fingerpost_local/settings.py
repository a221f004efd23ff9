"""The settings of a local system, read once from `FINGERPOST_…` variables. A port that is not set is chosen once for a folder."""

from pathlib import Path
from typing import Annotated

import platformdirs
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from fingerpost_local.failure import CannotStart

LAST_PORT = 65535
_NAME = Path("config") / "herefordshire"


def default_partnership_dir() -> Path:
    """Herefordshire's folder: of the checkout this package runs from, else below the working folder."""
    checkout = Path(__file__).resolve().parents[3] / _NAME
    return checkout if checkout.is_dir() else Path.cwd() / _NAME


Port = Annotated[int, Field(ge=1, le=LAST_PORT)]


class LocalSettings(BaseSettings):
    """Where state is kept, which partnership it is for, and what is fixed."""

    model_config = SettingsConfigDict(env_prefix="FINGERPOST_", frozen=True, extra="ignore")

    data: Path = Field(default_factory=lambda: platformdirs.user_data_path("fingerpost"))
    partnership_dir: Path = Field(default_factory=default_partnership_dir)
    console_port: Port | None = None
    intake_port: Port | None = None
    nats_port: Port | None = None
    postgres_port: Port | None = None
    mail_from: str = "fingerpost@csp.example"


def read_settings(data: Path | None = None) -> LocalSettings:
    """The settings, with state in `data` where that is given. Raises `CannotStart`, which names each setting at fault."""
    try:
        return LocalSettings() if data is None else LocalSettings(data=data)
    except ValidationError as error:
        faults = [f"FINGERPOST_{str(fault['loc'][0]).upper()} is {fault['input']!r}" for fault in error.errors()]
        raise CannotStart(f"{'; '.join(faults)}: a port is a whole number from 1 to {LAST_PORT}.") from None
