"""The life of a rule set on the whole system, by the commands that a coordinator uses."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from fingerpost_shared.contracts.queries.router import RoutingQuery, RoutingView
from tests.integration.router.coordinating import AUTHOR, NOTICE_SECONDS, SECOND, VANDALISM, done, rules, with_urgent_vandalism
from tests.support.live import Live, eventually, fresh
from tests.unit.console.reading import Reading


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """Herefordshire's rules with vandalism more urgent than today, in a folder of their own."""
    return with_urgent_vandalism(tmp_path, ruleset=2)


async def routed(live: Live, referral_id: str, wanted_set: int | None = None) -> RoutingView:
    async def look() -> RoutingView | None:
        view = await live.ask(RoutingQuery(referral_id=referral_id))  # pyright: ignore[reportArgumentType]
        return view if view.decision and wanted_set in (None, view.decision.ruleset) else None

    view = await eventually(look)
    assert view is not None
    return view


async def test_a_rule_set_is_drafted_previewed_approved_and_goes_live_at_the_received_time(live: Live, newer: Path) -> None:
    before = (await live.post(fresh(VANDALISM))).json()["id"]
    old = await routed(live, before)

    drafted = done(rules(live, "draft", str(newer), "--by", AUTHOR, "--json"))
    assert (drafted["state"], drafted["findings"]) == ("checked", [])
    assert "not_previewed" in rules(live, "approve", drafted["hash"], "--by", SECOND).stderr

    looked = rules(live, "preview", str(newer), "--by", AUTHOR, "--json")
    effect = json.loads(looked.stdout)
    assert effect["decided"] >= 1
    assert old.reference in {move["reference"] for move in effect["moved"]}
    assert not any(move["is_less_urgent"] for move in effect["moved"])

    assert "second_person" in rules(live, "approve", drafted["hash"], "--by", AUTHOR).stderr
    assert "no_coordinator" in rules(live, "approve", drafted["hash"], "--by", "dora_samplewood").stderr
    assert done(rules(live, "approve", drafted["hash"][:12], "--by", SECOND, "--json"))["state"] == "approved"

    assert "too_soon" in rules(live, "publish", drafted["hash"], "--by", AUTHOR, "--from", "2026-11-01T00:00Z").stderr
    live_from = datetime.now(UTC) + timedelta(seconds=NOTICE_SECONDS)
    publishing = ("publish", drafted["hash"], "--by", AUTHOR, "--from")
    done(rules(live, *publishing, (live_from + timedelta(days=30)).isoformat(), "--json"))
    (gone,) = done(rules(live, *publishing, live_from.isoformat(), "--json"))["withdrawn"]
    assert datetime.fromisoformat(gone["live_from"]) == live_from + timedelta(days=30)
    again = rules(live, *publishing, live_from.isoformat())
    assert again.stdout.startswith(f"{drafted['hash'][:12]}: already announced from ")

    still_old = (await live.post(fresh(VANDALISM))).json()["id"]
    assert (await routed(live, still_old)).decision.ruleset == 1  # pyright: ignore[reportOptionalMemberAccess]

    async def new_set_decides() -> RoutingView | None:
        identity = (await live.post(fresh(VANDALISM))).json()["id"]
        view = await routed(live, identity)
        return view if view.decision and view.decision.ruleset == 2 else None

    new = await eventually(new_set_decides, 120)
    assert new is not None
    assert min(leg.received_at for leg in new.legs) >= live_from
    assert "ZZ-01" in {rule.id for rule in new.decision.fired}  # pyright: ignore[reportOptionalMemberAccess]

    replayed = json.loads(rules(live, "replay", "--json").stdout)
    assert replayed["faults"] == []
    assert replayed["equal"] == replayed["decisions"] > 2

    assert "would be decided otherwise" in rules(live, "redecide").stdout
    assert json.loads(rules(live, "redecide", "--json").stdout)["moves"] >= 1
    applied = rules(live, "redecide", "--apply", "--by", SECOND)
    assert applied.returncode == 0, applied.stderr
    after = await routed(live, before, wanted_set=2)
    due = {leg.destination: leg.due_at for leg in old.legs}
    assert {leg.destination for leg in after.legs} >= set(due)
    assert next(leg.due_at for leg in after.legs if leg.destination == "matac") < due["matac"]
    assert "0 of" in rules(live, "redecide").stdout


def test_an_unreadable_set_is_refused_with_every_error(live: Live, newer: Path) -> None:
    newer.write_text(newer.read_text().replace("has vandalism", "has vandalsm"))

    result = rules(live, "draft", str(newer), "--by", AUTHOR)

    assert result.returncode != 0
    assert "vandalsm" in result.stderr
    assert "Did you mean" in result.stderr


def test_a_draft_takes_every_encoding_that_check_takes_and_says_when_it_is_too_long(live: Live, newer: Path) -> None:
    text = newer.read_text()
    newer.write_bytes(text.encode("utf-16"))
    drafted = done(rules(live, "draft", str(newer), "--by", AUTHOR, "--json"))
    newer.write_text(f"{text}\n# {'x' * 1_000_000}\n")

    too_long = rules(live, "draft", str(newer), "--by", AUTHOR)

    assert drafted["ruleset"] == 2
    assert too_long.returncode == 2
    assert "a draft may have 1,000,000 at most" in too_long.stderr
    assert "Traceback" not in too_long.stderr


async def test_a_preview_of_facts_that_past_referrals_lack_says_so(live: Live, newer: Path) -> None:
    await routed(live, (await live.post(fresh(VANDALISM))).json()["id"])
    facts = newer.with_name("facts.yaml")
    facts.write_text(facts.read_text().replace("impossible:", "  night: {label: At night, type: flag}\nimpossible:", 1))
    newer.write_text(newer.read_text().replace("when: {asb: has vandalism}", "when: {asb: has vandalism, night: yes}"))

    looked = rules(live, "preview", str(newer))

    assert looked.returncode == 0, looked.stderr
    found = re.search(r"(\d+) of (\d+) past referrals would move", looked.stdout)
    assert found is not None
    assert found[1] == found[2] != "0"
    assert f"night cannot be read in {found[1]} past referrals" in looked.stdout


def test_a_set_that_fails_a_proof_stays_a_draft_and_says_why(live: Live, newer: Path) -> None:
    newer.write_text(newer.read_text().replace("when: {asb: has vandalism}", "when: {asb: has vandalism, weapon: none, injury: not none}"))

    drafted = done(rules(live, "draft", str(newer), "--by", AUTHOR, "--json"))

    assert drafted["state"] == "draft"
    assert drafted["findings"]


def test_a_preview_that_could_not_be_kept_says_so(live: Live, tmp_path: Path) -> None:
    never_drafted = with_urgent_vandalism(tmp_path, ruleset=6)

    assert "unknown_rule_set" in rules(live, "preview", str(never_drafted), "--by", AUTHOR).stderr


async def in_the_console(live: Live, person: str, hash: str) -> tuple[Reading, Reading]:
    """The set's page as a person sees it before and after they approve it."""
    async with httpx.AsyncClient(base_url=live.system.url("console"), follow_redirects=True, timeout=30) as client:
        form = Reading((await client.get("/sign-in")).text).form("/sign-in")
        await client.post("/sign-in", data={**form.fields, "person": person})
        page = Reading((await client.get(f"/rules/{hash}")).text)
        csrf = page.form("/sign-out").fields["csrf"]
        after = await client.post(f"/rules/{hash}/approve", data={"csrf": csrf, "action_id": str(uuid4())})
        return page, Reading(after.text)


async def test_a_second_coordinator_approves_in_the_console_and_nobody_else_can(live: Live, tmp_path: Path) -> None:
    newest = with_urgent_vandalism(tmp_path, ruleset=5)
    await routed(live, (await live.post(fresh(VANDALISM))).json()["id"])
    drafted = done(rules(live, "draft", str(newest), "--by", AUTHOR, "--json"))
    assert rules(live, "preview", str(newest), "--by", AUTHOR, "--json").returncode == 0

    assert "Page not found" in (await in_the_console(live, "dora_samplewood", drafted["hash"]))[1].words
    assert "Its author cannot approve it" in (await in_the_console(live, AUTHOR, drafted["hash"]))[1].words
    before, after = await in_the_console(live, SECOND, drafted["hash"])

    assert "the set in force" in before.words
    assert "past referrals" in before.words
    assert "Previewed by Cora Rulesmith" in before.words
    assert "Approved It can now be published." in after.words
    assert "Approved by Caspar Secondsign" in after.words
