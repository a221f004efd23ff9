"""How e-mails are handed over to a mail server: in chunks, in groups of commands or step by step. A real server on loopback takes them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvloop

from fingerpost_notifier.adapters.mail import GROUP, Mail, MailServer
from tests.unit.notifier.certificates import for_localhost
from tests.unit.notifier.smtp_server import BDAT, CONTENT, DATA, DROP, EHLO, IN_GROUPS, MAIL, ONE_BY_ONE, RSET, SmtpServer, smtp_server

EACH_WAY = pytest.mark.parametrize("way", [{}, IN_GROUPS, ONE_BY_ONE], ids=["in chunks", "in groups", "one by one"])


def mails(count: int, body: str = "body") -> list[Mail]:
    return [Mail(str(number), f"desk{number}@police.example", "subject", body) for number in range(count)]


@asynccontextmanager
async def a_line_to(url: str) -> AsyncGenerator[MailServer]:
    line = MailServer(url, "alerts@csp.example")
    assert await line.open() is None
    yield line
    await line.close()


async def outcomes(line: MailServer, sent: list[Mail]) -> list[str | None]:
    """The code of what the server said to each, or None where it has taken it."""
    return [fault.code if fault else None async for fault in line.send(sent, lambda: True)]


def words(server: SmtpServer) -> list[str]:
    return [line.split()[0] for line in server.lines]


@EACH_WAY
async def test_the_same_e_mails_arrive_in_each_way(way: dict[str, str]):
    async with smtp_server(way) as server, a_line_to(server.url) as line:
        assert await outcomes(line, mails(2 * GROUP + 1)) == [None] * (2 * GROUP + 1)
    assert server.connections == 1
    assert [content.partition(b"Message-ID: <")[2].partition(b"@")[0] for content in server.contents] == [
        str(number).encode() for number in range(2 * GROUP + 1)
    ]


async def test_each_server_is_spoken_to_only_as_it_says_that_it_can_be():
    async with smtp_server() as chunks, smtp_server(IN_GROUPS) as groups, smtp_server(ONE_BY_ONE) as one_by_one:
        for server in (chunks, groups, one_by_one):
            async with a_line_to(server.url) as line:
                await outcomes(line, mails(3))
    assert words(chunks)[1:6] == ["RSET", "RSET", "MAIL", "RCPT", "BDAT"]
    assert words(groups)[1:] == words(one_by_one)[1:] == ["MAIL", "RCPT", "DATA"] * 3 + ["QUIT"]
    assert [server.was_hurried for server in (chunks, groups, one_by_one)] == [True, True, False]


async def test_chunks_go_out_only_where_groups_are_taken_too():
    async with smtp_server({EHLO: "250-here\r\n250 CHUNKING"}) as server, a_line_to(server.url) as line:
        assert await outcomes(line, mails(3)) == [None] * 3
    assert not server.was_hurried


async def test_a_server_that_refuses_the_sender_once_has_not_refused_the_rest_of_the_group():
    async with smtp_server({MAIL: "452 later"}, times=1) as server, a_line_to(server.url) as line:
        assert await outcomes(line, mails(3)) == ["smtp_452", None, None]
    assert len(server.contents) == 2


async def test_a_server_that_refuses_the_sender_always_is_asked_for_no_second_group():
    async with smtp_server({MAIL: "530 sign in first"}) as server, a_line_to(server.url) as line:
        assert await outcomes(line, mails(3 * GROUP)) == ["smtp_530"] * GROUP
    assert server.contents == []


async def test_who_stops_between_leaves_no_e_mail_in_doubt():
    async with smtp_server() as server, a_line_to(server.url) as line:
        codes = [fault async for fault in line.send(mails(3 * GROUP), lambda: not server.contents)]
        assert (len(codes), len(server.contents)) == (GROUP, GROUP)
        assert line.is_open


@pytest.mark.parametrize(
    ("answers", "code"),
    [({CONTENT: DROP}, "smtp_server_disconnected"), ({CONTENT: "502 what"}, "smtp_502"), ({RSET: "503 what"}, "smtp_503")],
)
async def test_a_server_that_does_not_know_chunks_after_all_is_spoken_to_step_by_step_from_then_on(answers: dict[str, str], code: str):
    async with smtp_server(answers, times=1, spares=int(RSET in answers)) as server, a_line_to(server.url) as line:
        [fault] = [fault async for fault in line.send(mails(3), lambda: True)]
        assert fault is not None
        assert (fault.code, fault.is_final, fault.is_about_server) == (code, False, True)
        assert not line.is_open
        for _connection in range(2):
            await line.open()
            assert await outcomes(line, mails(3)) == [None] * 3
            await line.close()
        assert words(server)[-10:] == ["MAIL", "RCPT", DATA] * 3 + ["QUIT"]


async def test_a_server_that_takes_no_reset_is_spoken_to_step_by_step():
    async with smtp_server({RSET: "502 what"}) as server, a_line_to(server.url) as line:
        assert await outcomes(line, mails(2)) == [None, None]
    assert words(server)[1:] == ["RSET", "MAIL", "RCPT", DATA, "MAIL", "RCPT", DATA, "QUIT"]


@pytest.mark.parametrize("lines", range(1, 20))
async def test_a_server_that_takes_content_for_commands_is_never_thought_to_have_taken_an_e_mail(lines: int):
    async with smtp_server(knows_chunks=False) as server, a_line_to(server.url) as line:
        assert await outcomes(line, mails(GROUP, "\n".join(["line"] * lines))) == ["smtp_500"]
        await line.open()
        assert await outcomes(line, mails(2)) == [None, None]
    assert len(server.contents) == 2


async def test_a_server_that_closes_between_two_groups_has_kept_the_first():
    async with smtp_server({CONTENT: "250 fine\r\n421 closing"}, spares=GROUP - 1, times=1) as server, a_line_to(server.url) as line:
        assert await outcomes(line, mails(2 * GROUP)) == [*[None] * GROUP, "smtp_server_disconnected"]
    assert len(server.contents) == GROUP


async def test_nothing_to_send_is_no_fault_of_a_line_that_is_closed():
    async with smtp_server() as server, a_line_to(server.url) as line:
        await line.close()
        assert await outcomes(line, []) == []


async def test_a_server_that_closes_in_the_midst_of_a_group_is_spoken_to_in_groups_again():
    async with smtp_server({CONTENT: "421 closing"}, spares=1, times=1) as server, a_line_to(server.url) as line:
        assert await outcomes(line, mails(3)) == [None, "smtp_421"]
        await line.open()
        assert await outcomes(line, mails(3)) == [None] * 3
        assert words(server)[-1] == BDAT


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_within_tls_the_server_is_greeted_anew(scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    tls = for_localhost(tmp_path / "localhost.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "localhost.pem"))
    answers = {EHLO: "250-here\r\n250 STARTTLS"} if scheme == "smtp" else {}
    is_tls = scheme == "smtps"
    async with smtp_server(answers, tls=tls, is_tls_from_the_first_byte=is_tls) as server, a_line_to(server.url_by(scheme)) as line:
        assert await outcomes(line, mails(2)) == [None, None]


def test_it_goes_over_the_event_loop_that_the_services_run_on_too():
    async def send() -> None:
        async with smtp_server() as server, a_line_to(server.url) as line:
            assert await outcomes(line, mails(5)) == [None] * 5

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(send())


@EACH_WAY
async def test_what_was_taken_before_the_line_dropped_is_sent(way: dict[str, str]):
    async with smtp_server({**way, CONTENT: DROP}, spares=1) as server, a_line_to(server.url) as line:
        taken, fault = [outcome async for outcome in line.send(mails(3), lambda: True)]
    assert taken is None
    assert fault is not None
    assert (fault.code, fault.is_about_server) == ("smtp_server_disconnected", True)


@EACH_WAY
async def test_a_line_that_begins_with_a_dot_arrives_as_it_was_written(way: dict[str, str]):
    async with smtp_server(way) as server, a_line_to(server.url) as line:
        assert await outcomes(line, mails(1, "one\n.two\n.\nthree")) == [None]
    assert server.contents[0].endswith(b"\r\none\r\n.two\r\n.\r\nthree\r\n")
