"""The console in a real browser: by keyboard alone, on narrow and wide screens, with scripts off, under its own security policy."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from axe_playwright_python.async_playwright import Axe
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from fingerpost_console.app import add_pages
from fingerpost_shared.contracts.queries.intake import ReferralView
from tests.unit.console.fake_system import FakeSystem
from tests.unit.console.partnership import settings_in
from tests.unit.console.sample import a_busy_morning
from tests.unit.router.building import RULES as ROUTING_RULES

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on the path: install Debian's package chromium"),
]
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
RULE = "- {{id: AS-{number}, title: Noise, when: {{weapon: unknown}}, then: {{also: [csp_duty_desk]}}, because: Local practice}}\n"
QUEUE = "/queues/domestic_abuse_subgroup"


@dataclass
class Console:
    """A console that listens, and what lies behind it."""

    address: str
    system: FakeSystem
    notable: ReferralView


@dataclass
class Tab:
    """Somebody's open tab, and every complaint of the browser about it."""

    page: Page
    console: Console
    complaints: list[str] = field(default_factory=list[str])

    async def open(self, address: str) -> None:
        await self.page.goto(self.console.address + address)

    async def sign_in(self, person: str) -> None:
        await self.open("/sign-in")
        await self.page.check(f"input[value={person}]")
        await self.page.click("main button")
        # signed in, and the page whole: its scripts have run, and keys reach it
        await self.page.wait_for_selector("text=Sign out")
        await self.page.wait_for_load_state("load")

    async def tab_to(self, text: str) -> None:
        """Press the tab key until the element with this text has the focus."""
        for _ in range(60):
            await self.page.keyboard.press("Tab")
            focused: str = await self.page.evaluate("document.activeElement.closest('a, button')?.innerText || ''")
            if text in focused:
                return
        raise AssertionError(f"the tab key never reaches '{text}'")


@pytest.fixture(scope="module")
async def listening(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[str, FakeSystem]]:
    """The address of a console behind a real socket, and the system that it asks."""
    system = FakeSystem()
    http = FastAPI()
    add_pages(http, settings_in(tmp_path_factory.mktemp("partnership")), system, system, system, lambda: system.now)
    door = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(http, log_level="warning"))
    serving = asyncio.create_task(server.serve([door]))
    yield f"http://127.0.0.1:{door.getsockname()[1]}", system
    server.should_exit = True
    await serving


@pytest.fixture
def console(listening: tuple[str, FakeSystem]) -> Console:
    """The console on a busy morning."""
    address, system = listening
    busy, notable = a_busy_morning()
    vars(system).update(vars(busy))
    return Console(address, system, notable)


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Chromium without a screen."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        await chromium.close()


async def open_tab(context: BrowserContext, console: Console) -> Tab:
    """A tab that notes whatever the browser complains of."""
    tab = Tab(await context.new_page(), console)
    tab.page.on("console", lambda message: tab.complaints.append(message.text) if message.type in ("error", "warning") else None)
    tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
    return tab


async def test_a_leg_is_acknowledged_by_keyboard_alone(browser: Browser, console: Console) -> None:
    context = await browser.new_context()
    tab = await open_tab(context, console)
    await tab.sign_in("dana")
    assert console.notable.reference

    await tab.tab_to(console.notable.reference)
    await tab.page.keyboard.press("Enter")
    await tab.page.wait_for_url("**/referrals/*")
    await tab.tab_to("Acknowledge: I take this for my group")
    await tab.page.keyboard.press("Enter")
    await tab.page.wait_for_selector("text=Dana Sample now owns this")

    assert console.system.leg_of(console.notable, "domestic_abuse_subgroup").owner == "Dana Sample"
    assert await tab.page.evaluate("document.activeElement.className") == "govuk-notification-banner govuk-notification-banner--success"
    assert tab.complaints == []
    await context.close()


async def test_everything_works_with_scripts_off(browser: Browser, console: Console) -> None:
    context = await browser.new_context(java_script_enabled=False)
    tab = await open_tab(context, console)
    await tab.sign_in("dana")

    await tab.page.click(f"text={console.notable.reference}")
    await tab.page.click("text=Acknowledge: I take this for my group")

    await tab.page.wait_for_selector("text=Dana Sample now owns this")
    await context.close()


async def test_the_back_button_and_a_second_click_change_nothing_more(browser: Browser, console: Console) -> None:
    context = await browser.new_context()
    tab = await open_tab(context, console)
    await tab.sign_in("dana")
    await tab.open(f"/referrals/{console.notable.reference}")
    await tab.page.dblclick("text=Acknowledge: I take this for my group")
    await tab.page.wait_for_selector("text=Dana Sample now owns this")

    await tab.page.go_back()

    assert console.system.leg_of(console.notable, "domestic_abuse_subgroup").version == 2
    assert len({action.action_id for action, _ in console.system.submitted}) == 1
    await context.close()


async def test_an_open_page_tells_what_is_new_and_when_it_is_no_longer_live(browser: Browser, console: Console) -> None:
    context = await browser.new_context()
    tab = await open_tab(context, console)
    await tab.sign_in("olive")
    ask_now = "htmx.ajax('GET', document.getElementById('freshness').getAttribute('hx-get'), {target: '#freshness', swap: 'innerMorph'})"

    console.system.refer("matac", band="P1")
    await tab.page.evaluate(ask_now)
    await tab.page.wait_for_selector("#freshness-news:has-text('1 more waiting')")
    console.system.silent.add("router")
    await tab.page.evaluate(ask_now)
    await tab.page.wait_for_selector("#freshness-time:has-text('Not live')")
    console.system.silent.clear()
    await tab.page.click("text=Show")
    await tab.page.wait_for_selector("#freshness-news:empty", state="attached")

    assert not [complaint for complaint in tab.complaints if "503" not in complaint]
    await context.close()


@pytest.mark.parametrize("width", [320, 768, 1280])
@pytest.mark.parametrize(
    ("person", "addresses"),
    [
        ("olive", ["/", "/quarantine", "/deliveries", "/operations", "/search?reference=nonsense", "/no/such/page"]),
        ("dana", ["/", QUEUE, f"{QUEUE}?show=closed", "notable"]),
        ("pat", ["/"]),
        (None, ["/sign-in"]),
    ],
)
async def test_pages_are_accessible_fit_the_screen_and_keep_to_their_policy(
    browser: Browser, console: Console, person: str | None, addresses: list[str], width: int
) -> None:
    context = await browser.new_context(viewport={"width": width, "height": 800})
    tab = await open_tab(context, console)
    if person:
        await tab.sign_in(person)
    for address in addresses:
        await tab.open(address if address != "notable" else f"/referrals/{console.notable.reference}")
        await fits_the_screen(tab.page, width)
        if width != 768:  # the layouts differ at the ends
            await hold_to_the_rules(tab.page)
    expected = ("404", "422")
    assert not [complaint for complaint in tab.complaints if not any(status in complaint for status in expected)]
    await context.close()


@pytest.mark.parametrize("width", [320, 1280])
async def test_a_second_coordinator_reads_approves_and_publishes_a_rule_set(browser: Browser, console: Console, width: int) -> None:
    context = await browser.new_context(viewport={"width": width, "height": 800})
    tab = await open_tab(context, console)
    await tab.sign_in("caspar")

    async def look() -> None:
        await fits_the_screen(tab.page, width)
        await hold_to_the_rules(tab.page)

    for link in ("Rule set 3", "Rule set 2"):
        await tab.open("/rules")
        await look()
        await tab.page.click(f"text={link}")
        await look()
    await tab.page.click("summary >> nth=0")
    await look()
    await tab.tab_to("Approve this rule set")
    await tab.page.keyboard.press("Enter")
    await tab.page.wait_for_selector("text=It can now be published.")
    await look()
    await tab.page.click("text=Publish this rule set")
    await tab.page.wait_for_selector("text=There is a problem")
    await look()
    for name, value in (("day", "1"), ("month", "12"), ("year", "2026"), ("clock", "09:00")):
        await tab.page.fill(f"input[name={name}]", value)
    await tab.page.keyboard.press("Enter")
    await tab.page.wait_for_selector("text=It decides what is received from Tue 1 Dec at 09:00 on.")
    await look()

    published = console.system.rules.publications[-1]
    assert console.system.rules.sets[published.hash].record.approved_by == published.by == "caspar"
    assert not [complaint for complaint in tab.complaints if "422" not in complaint]
    await context.close()


@pytest.mark.parametrize("width", [320, 375])
async def test_large_books_fit_a_narrow_screen(browser: Browser, console: Console, width: int) -> None:
    context = await browser.new_context(viewport={"width": width, "height": 800})
    tab = await open_tab(context, console)
    await tab.sign_in("olive")
    console.system.owned_elsewhere = 1_234_567

    await tab.open("/operations")

    assert "1,234," in await tab.page.inner_text("table")

    await fits_the_screen(tab.page, width)
    await context.close()


@pytest.mark.parametrize("width", [320, 375])
async def test_the_rules_are_unfolded_and_read_with_scripts_off(browser: Browser, console: Console, width: int) -> None:
    context = await browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=False)
    tab = await open_tab(context, console)
    await tab.sign_in("cora")
    many = "".join(RULE.format(number=number) for number in range(10, 30))
    hash = console.system.rules.draft(ROUTING_RULES + many)

    await tab.open(f"/rules/{hash}")
    assert not await tab.page.is_visible("#rule-AS-12")
    await tab.page.click("text=All rules (23)")

    assert await tab.page.is_visible("#rule-AS-12")
    await context.close()


async def test_a_page_that_says_a_part_is_silent_is_accessible_too(browser: Browser, console: Console) -> None:
    context = await browser.new_context()
    tab = await open_tab(context, console)
    await tab.sign_in("olive")
    console.system.silent |= {"router", "notifier"}

    for address in ("/", "/operations", "/deliveries"):
        await tab.open(address)
        await hold_to_the_rules(tab.page)
    await context.close()


async def hold_to_the_rules(page: Page) -> None:
    """No violation of WCAG 2.2 AA that axe can find."""
    found: Any = await Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


async def fits_the_screen(page: Page, width: int) -> None:
    """Nothing to scroll sideways for."""
    assert await page.evaluate("document.documentElement.scrollWidth") <= width, page.url
