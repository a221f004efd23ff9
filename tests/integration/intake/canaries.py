"""Canaries: somebody invented, told by every door and in every kind of bad input, and how to see them wherever they turn up."""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from fingerpost_intake.samples import as_csv
from fingerpost_shared.contracts.queries.notifier import AlertsQuery
from fingerpost_shared.contracts.queries.router import RoutingQuery
from fingerpost_shared.contracts.streams import CONSUMERS
from fingerpost_shared.runtime.streams import taken
from tests.support.live import Live, eventually

# Nobody's details: the street does not exist, the numbers are kept for drama and for tests
NAME, STREET, EMAIL, STORY = "Zyxcanary Notreal", "7 Zyxcanary Lane", "zyxcanary@post.example", "Zyxcanary told us what happened."
PHONE, BORN, NHS_NUMBER, POSTCODE = "07700 900731", "1931-07-13", "999 731 5555", "HR97 9ZQ"
WORDS = ("zyxcanary", PHONE, PHONE.replace(" ", ""), BORN, "13/07/1931", "9997315555", NHS_NUMBER, POSTCODE, "HR979ZQ")
KINDS = ("domestic_abuse", "sexual_violence", "asb", "hate_crime", "prevent", "fraud", "serious_violence", "vulnerability", "other")
AGENCY = "womens_aid"


def spellings(word: str) -> Iterator[bytes]:
    """How a word may stand in bytes: as text of two encodings, in hex, and in base64 at each of its three alignments."""
    yield from (word.lower().encode(), word.lower().encode("utf-16-le"))
    for text in {word, word.capitalize()}:
        yield text.encode().hex().encode()
        for shift in range(3):
            encoded = base64.b64encode(b"x" * shift + text.encode())
            yield encoded[4 if shift else 0 : len(encoded) - 4].lower()


PATTERNS = {pattern: word for word in WORDS for pattern in spellings(word) if len(pattern) > 5}


def seen_in(content: bytes) -> set[str]:
    """The canaries that can be seen in it."""
    lower = content.lower()
    return {word for pattern, word in PATTERNS.items() if pattern in lower}


def a_told_referral(kind: str) -> dict[str, Any]:
    """A referral with a canary in every field that can hold somebody's details."""
    person = {"name": NAME, "date_of_birth": BORN, "address": STREET, "phone": PHONE, "email": EMAIL, "nhs_number": NHS_NUMBER}
    safe_contact = {"by": PHONE, "when": STORY, "not": NAME}
    place = {"address": STREET, "postcode": POSTCODE}
    return {
        "agency_reference": f"{NAME}-{uuid4()}",
        "kinds": [kind],
        "people": [
            {"role": "victim", "needs": STORY, "safe_contact": safe_contact, **person},
            {"role": "subject", "relationship": NAME, **person},
            {"role": "child", **person},
        ],
        "incidents": [{"occurred_at": "2026-09-01T10:00:00Z", "place": place, "description": STORY}],
        "assessments": {"dash": {"answers": {f"Did {NAME} say so?": "yes"}}},
        "narrative": STORY,
        "lawful_basis": NAME,
        "referrer": {"name": NAME, "role": STREET, "contact": EMAIL},
    }


@dataclass
class Planted:
    """A system in which canaries were planted, the referrals that were accepted, and every answer that their sender got."""

    live: Live
    referral_ids: list[str] = field(default_factory=list[str])
    references: list[str] = field(default_factory=list[str])
    answers: list[httpx.Response] = field(default_factory=list[httpx.Response])
    quarantined: bytes = b""

    async def post(self, body: Any) -> None:
        self.answers.append(await self.live.post(body, AGENCY))

    async def post_csv(self, content: str | bytes) -> None:
        self.answers.append(await self.live.post_csv(content, AGENCY))

    async def referrals(self) -> None:
        for kind in KINDS:
            referral = a_told_referral(kind)
            for sent in (referral, referral, referral | {"narrative": STORY * 2}, referral | {"status": "withdrawn"}):
                await self.post(sent)
            self.referral_ids.append(self.answers[-1].json()["id"])
            self.references.append(self.answers[-1].json()["reference"])
            await self.live.publish_as_agency(json.dumps(a_told_referral(kind)).encode(), AGENCY)
        await self.post(a_told_referral("asb") | {"anonymous": True})
        await self.post_csv(as_csv([a_told_referral(kind) for kind in KINDS]))

    async def a_large_file(self) -> None:
        """More rows than an answer holds, whose report is kept: all but one are the same referral, to be quick."""
        await self.post_csv(f"agency_reference,kinds,fact:{NAME}\r\n" + "A-0,asb,\r\n" * 1000 + "A-1,asb,yes\r\n")

    @property
    def reports(self) -> list[str]:
        """Where the reports of large files are."""
        return [answer.json()["links"]["report"] for answer in self.answers if answer.json().get("links", {}).get("report")]

    async def bad_input_by_http(self) -> None:
        referral = a_told_referral("asb")
        for parts in (
            {NAME: NAME},
            {"facts": {NAME: "yes"}},
            {"facts": {"weapon": NAME}},
            {"facts": {PHONE.replace(" ", ""): 1.5}},
            {"assessments": {"dash": {"answers": {NAME: NAME}}}},
            {"people": [{"role": NAME, "date_of_birth": NAME, NAME: STORY}]},
            {"kinds": [NAME]},
            {"assessments": {"dash": {"total": 3}}, "facts": {"dash_ticks": 9}},
            {"updated_at": STORY},
        ):
            await self.post(referral | parts)
        whole = json.dumps(referral)
        for body in (whole[:-40], f"Dear all, {STORY}", whole.replace("notreal", "\\u0000"), "[" * 50 + f'"{NAME}"' + "]" * 50):
            await self.post(body.encode())
        await self.post(whole.encode("utf-16"))
        http, headers = self.live.http, self.live.headers(AGENCY)
        self.answers.append(await http.post("/v1/referrals", content=whole, headers={"Authorization": f"Bearer {NAME}"}))
        self.answers.append(await http.post("/v1/referrals", content=whole, headers=headers | {"Content-Type": "text/plain"}))
        self.answers.append(await http.get(f"/v1/referrals/{NAME}", headers=headers))

    async def bad_files(self) -> None:
        headerless = f"A-1,asb,{NAME},{BORN},{PHONE}\r\n"
        header = "agency_reference,kinds,victim_name,victim_date_of_birth,fact:weapon\r\n"
        for content in (
            headerless,
            f"Ref,{NAME}\r\n1,{STORY}\r\n",
            f"{header}{NAME},{NAME},{NAME},31/02/1931,{NAME}\r\n{NAME},asb\r\n{NAME},asb,{NAME},13/07/1931,{NAME}\r\n",
            f'{header}A-1,asb,"{NAME}',
            f"{header}A-1,asb,{NAME}\0,,\r\n",
        ):
            await self.post_csv(content)
            await self.live.publish_as_agency(content.encode(), AGENCY, headers={"Content-Type": "text/csv"})

    async def bad_input_by_nats(self) -> None:
        self.quarantined = f"Dear all, {STORY} {uuid4()}".encode()
        plain = {"Content-Type": "application/json", "Nats-Msg-Id": NAME, "X-About": NAME}
        await self.live.publish_as_agency(self.quarantined, AGENCY, headers=plain)
        for parts in ({NAME: NAME}, {"facts": {NAME: "yes"}}, {"assessments": {"dash": {"answers": {NAME: NAME}}}}):
            await self.live.publish_as_agency(json.dumps(a_told_referral("asb") | parts).encode(), AGENCY)
        await self.live.publish_as_agency(f"<name>{NAME}</name>".encode(), AGENCY, headers={"Content-Type": "application/xml"})
        rows = json.dumps({"rows": [{"row": 2, "cells": {NAME: NAME}}], NAME: NAME}).encode()
        await self.live.publish_as_agency(rows, AGENCY, headers={"Content-Type": "application/vnd.fingerpost.rows+json"})

    async def bad_actions(self) -> None:
        """What a destination may send by mistake: a story where there is a code, or no action at all."""
        client = await self.live.nats_as("destination-matac")
        whole = {"action_id": str(uuid4()), "leg_id": str(uuid4()), "action": "decline", "by": "Sam Sample", "reason": STORY}
        envelope = {"specversion": "1.0", "id": str(uuid4()), "source": "/x", "type": "org.fingerpost.action.submitted.v1"}
        for body in (json.dumps(envelope | {"data": whole}), json.dumps(envelope | {"data": whole | {NAME: NAME}}), STORY):
            await client.jetstream(prefix="fp").publish("action.submitted.v1.router.matac", body.encode())

    async def settled(self) -> None:
        """Wait until all of it went all the way: saved, routed, alerted."""
        operator = await self.live.nats_as("operator")

        async def nothing_pending() -> bool:
            return not any([(await taken(operator, consumer.stream, consumer.durable)).pending for consumer in CONSUMERS])

        async def all_sent() -> bool:
            counts = (await self.live.ask(AlertsQuery(limit=1))).counts
            return counts.get("sent", 0) > 0 and not counts.get("queued") and not counts.get("sending")

        for referral_id in self.referral_ids:
            await eventually(lambda of=referral_id: self._is_routed(of), 60)
        await eventually(nothing_pending, 60)
        await eventually(all_sent, 60)

    async def _is_routed(self, referral_id: str) -> bool:
        return (await self.live.ask(RoutingQuery(referral_id=referral_id))).found  # type: ignore[arg-type]
