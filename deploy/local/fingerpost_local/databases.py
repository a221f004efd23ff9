"""The databases of the services: one each, intake two, every one owned by a role that can open no other."""

from collections.abc import Mapping
from urllib.parse import quote

SUPERUSER = "fingerpost"
DATABASES = {
    "intake": "fingerpost_intake",
    "intake_keys": "fingerpost_intake_keys",
    "router": "fingerpost_router",
    "notifier": "fingerpost_notifier",
}
ROLES = tuple(DATABASES.values())


def database_url(address: str, role: str, password: str, database: str | None = None) -> str:
    """The URL by which a role opens a database, its own unless another is named. `address` is `host:port`."""
    return f"postgresql://{role}:{quote(password, safe='')}@{address}/{database or role}"


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
