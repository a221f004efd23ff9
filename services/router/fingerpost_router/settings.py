"""The router's settings, read once from the environment."""

from fingerpost_shared.runtime.settings import DatabaseSettings


class RouterSettings(DatabaseSettings):
    """The router needs its book, its partnership's rules, and the key of the console's assertions."""

    http_port: int = 8002
