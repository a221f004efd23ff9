"""The notifier's settings, read once from the environment."""

from pydantic import Field, SecretStr

from fingerpost_shared.runtime.settings import DatabaseSettings


class NotifierSettings(DatabaseSettings):
    """The notifier needs its book, a mail server, and the address of the console that its alerts point to."""

    http_port: int = 8003
    smtp_url: SecretStr = SecretStr("smtp://127.0.0.1:25")
    mail_from: str = "alerts@fingerpost.example"
    console_url: str = "http://127.0.0.1:8004"
    # an e-mail that is refused for the time being fails for good after the last; while the mail server is away the last is repeated
    retry_seconds: tuple[float, ...] = Field(default=(5, 30, 120, 600, 1800), min_length=1)
    urgent_senders: int = Field(default=2, ge=1)
    routine_senders: int = Field(default=4, ge=1)
