"""The databases of the services: one each, intake two, every one owned by a role that can open no other."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import util
from pathlib import Path
from urllib.parse import quote

SUPERUSER = "fingerpost"


@dataclass(frozen=True)
class Database:
    """A database, its owner of the same name, and where its service keeps the revisions of its tables."""

    name: str
    package: str
    revisions: str = "migrations"

    @property
    def scripts(self) -> Path:
        """The folder of alembic's revisions."""
        package = util.find_spec(self.package)
        assert package is not None
        assert package.origin is not None
        return Path(package.origin).parent / self.revisions


DATABASES = {
    "intake": Database("fingerpost_intake", "fingerpost_intake"),
    "intake_keys": Database("fingerpost_intake_keys", "fingerpost_intake", "migrations_keys"),
    "router": Database("fingerpost_router", "fingerpost_router"),
    "notifier": Database("fingerpost_notifier", "fingerpost_notifier"),
}
ROLES = tuple(database.name for database in DATABASES.values())


def database_url(address: str, role: str, password: str, database: str | None = None) -> str:
    """The URL by which a role opens a database, its own unless another is named. `address` is `host:port`."""
    return f"postgresql://{role}:{quote(password, safe='')}@{address}/{database or role}"


def service_urls(address: str, passwords: Mapping[str, str]) -> dict[str, str]:
    """The URL of each database in `DATABASES`, as the role that owns it."""
    return {key: database_url(address, one.name, passwords[one.name]) for key, one in DATABASES.items()}


def set_up_sql(passwords: Mapping[str, str]) -> str:
    """What psql has to run, as superuser, to make roles and databases so. Run again it changes nothing but the passwords."""
    return "\n".join(["REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;", *(_one(role, passwords[role]) for role in ROLES)])


def _one(role: str, password: str) -> str:
    secret = password.replace("'", "''")
    return f"""
SELECT 'CREATE ROLE {role} LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') \\gexec
ALTER ROLE {role} PASSWORD '{secret}';
SELECT 'CREATE DATABASE {role} OWNER {role}' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{role}') \\gexec
REVOKE ALL ON DATABASE {role} FROM PUBLIC;"""  # noqa: S608 - names are constants, the password is quoted
