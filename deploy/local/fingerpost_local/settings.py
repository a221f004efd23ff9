"""The settings of a local system, read once from `FINGERPOST_…` variables. A port that is not set is chosen once for a folder."""

from pathlib import Path

import platformdirs
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

_NAME = Path("config") / "herefordshire"


def default_partnership_dir() -> Path:
    """Herefordshire's folder: of the checkout this package runs from, else below the working folder."""
    checkout = Path(__file__).resolve().parents[3] / _NAME
    return checkout if checkout.is_dir() else Path.cwd() / _NAME


class LocalSettings(BaseSettings):
    """Where state is kept, which partnership it is for, and what is fixed."""

    model_config = SettingsConfigDict(env_prefix="FINGERPOST_", frozen=True, extra="ignore")

    data: Path = Field(default_factory=lambda: platformdirs.user_data_path("fingerpost"))
    partnership_dir: Path = Field(default_factory=default_partnership_dir)
    console_port: int | None = None
    intake_port: int | None = None
    nats_port: int | None = None
    postgres_port: int | None = None
    mail_from: str = "fingerpost@csp.example"
