"""The console's settings."""

from datetime import timedelta

from fingerpost_console.domain.sessions import Limits
from fingerpost_shared.runtime.settings import ServiceSettings


class ConsoleSettings(ServiceSettings):
    """What the console needs besides what every service has. A session ends after `session_idle_minutes` without a page."""

    mail_catcher_url: str | None = None
    session_idle_minutes: int = 15
    session_hours: int = 12

    @property
    def session_limits(self) -> Limits:
        """When a session ends."""
        return Limits(timedelta(minutes=self.session_idle_minutes), timedelta(hours=self.session_hours))
