"""Who may say and hear what on NATS: one account for the services, one for each outside party, joined by service imports only.

Inside one account JetStream would store its replies under a forged reply subject; across accounts a forgery lands on nobody
but its sender. So a party never shares an account with anybody, and has no JetStream of its own.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from fingerpost_local.keys import agency_user, destination_user
from fingerpost_local.parties import Parties
from fingerpost_shared.contracts.streams import CONSUMERS, STREAMS, SUBMISSION_STEM, Consumer
from fingerpost_shared.contracts.subjects import SERVICES

SERVICES_ACCOUNT = "FINGERPOST"
PARTY_PREFIX = "fp"
AGENCY_LIMITS = {"max_connections": 8, "max_payload": 2 * 1024 * 1024}
DESTINATION_LIMITS = {"max_connections": 8, "max_payload": 64 * 1024}

Table = dict[str, Any]


def accounts(parties: Parties, public_keys: Mapping[str, str]) -> Table:
    """The `accounts` section of the server's configuration. `public_keys` are nkeys by user; no seed appears in it."""
    joined = {
        **{agency_user(agency): (agency_joins(agency), AGENCY_LIMITS) for agency in parties.agencies},
        **{destination_user(one): (destination_joins(one), DESTINATION_LIMITS) for one in parties.destinations},
    }
    return {
        SERVICES_ACCOUNT: {
            "jetstream": "enabled",
            "users": [
                *({"nkey": public_keys[name], "permissions": permissions(name)} for name in SERVICES),
                {"nkey": public_keys["operator"], "permissions": {"publish": ">", "subscribe": ">"}},
            ],
            "exports": [export for user, (joins, _) in joined.items() for export in _exports(account_name(user), joins)],
        },
        **{account_name(user): _party_account(public_keys[user], joins, limits) for user, (joins, limits) in joined.items()},
    }


def account_name(user: str) -> str:
    """The account of an outside party's user."""
    return user.upper()


def permissions(service: str) -> Table:
    """What a service's user may do: its own subjects, its own inbox, its own consumers; and answer what it is asked."""
    own = [consumer for consumer in CONSUMERS if consumer.service == service]
    granted = SERVICES[service]
    return {
        "publish": [*granted.publish, *_stream_infos(), *(subject for one in own for subject in _use_of(one))],
        "subscribe": [*granted.subscribe, f"_INBOX.{service}.>"],
        "allow_responses": True,
    }


def agency_joins(agency: str) -> list[Table]:
    """What an agency may reach: its own submissions, and the feedback meant for it."""
    return [
        _service(f"{SUBMISSION_STEM}.*.{agency}"),
        *_pulls("FEEDBACK", f"agency-{agency}"),
        _stream(f"referral.progressed.v1.{agency}"),
    ]


def destination_joins(destination: str) -> list[Table]:
    """What a destination may reach: actions as itself, the legs meant for it, the answers to its actions."""
    return [
        _service(f"action.submitted.v1.router.{destination}"),
        *_pulls("LEGS", f"dest-{destination}"),
        _stream(f"action.answered.v1.{destination}.>"),
        _stream(f"leg.*.v1.{destination}.*"),
    ]


def _use_of(consumer: Consumer) -> tuple[str, ...]:
    name = f"{consumer.stream}.{consumer.durable}"
    return (f"$JS.API.CONSUMER.MSG.NEXT.{name}", f"$JS.API.CONSUMER.INFO.{name}", f"$JS.ACK.{name}.>")


def _stream_infos() -> Iterable[str]:
    # a service checks at start that the streams exist: with a wrong encryption key they are just not found
    return (f"$JS.API.STREAM.INFO.{stream.name}" for stream in STREAMS)


def _service(subject: str, to: str | None = None, response: str = "single") -> Table:
    return {"service": subject, "to": to, "response": response}


def _stream(subject: str) -> Table:
    return {"stream": subject}


def _pulls(stream: str, durable: str) -> list[Table]:
    """Pulling one durable. The JetStream API is renamed: under its own name the party's account answers that it has none."""
    name = f"{stream}.{durable}"
    return [
        _service(f"$JS.ACK.{name}.>"),
        _service(f"$JS.API.CONSUMER.MSG.NEXT.{name}", to=f"{PARTY_PREFIX}.CONSUMER.MSG.NEXT.{name}", response="stream"),
        _service(f"$JS.API.CONSUMER.INFO.{name}", to=f"{PARTY_PREFIX}.CONSUMER.INFO.{name}"),
    ]


def _exports(account: str, joins: Iterable[Table]) -> Iterable[Table]:
    for join in joins:
        kind = "service" if "service" in join else "stream"
        response = {"response": "stream"} if join.get("response") == "stream" else {}
        yield {kind: join[kind], "accounts": [account], **response}


def _party_account(public_key: str, joins: Iterable[Table], limits: Mapping[str, int]) -> Table:
    return {"users": [{"nkey": public_key}], "imports": [_import(join) for join in joins], "limits": limits}


def _import(join: Table) -> Table:
    kind = "service" if "service" in join else "stream"
    renamed = {"to": join["to"]} if join.get("to") else {}
    return {kind: {"account": SERVICES_ACCOUNT, "subject": join[kind]}, **renamed}
