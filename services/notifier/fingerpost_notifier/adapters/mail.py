"""Sends alerts as e-mail over one SMTP connection that is kept open. aiosmtplib connects, secures it and signs in.

To a server that takes chunks (RFC 3030) a group of e-mails goes out in one piece, and its replies come back in one. A server that turns out
not to understand this, or breaks off such a conversation, is spoken to step by step from then on.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Callable, Container, Sequence
from dataclasses import dataclass, replace
from email.header import Header
from email.utils import formatdate
from functools import lru_cache
from itertools import chain
from typing import cast
from urllib.parse import unquote, urlsplit

import aiosmtplib

from fingerpost_notifier.adapters.conversation import CLOSING, GO_ON, Closing, Conversation
from fingerpost_shared.contracts.values import value

CONNECT_SECONDS = 60.0  # a server may let a client wait before it greets, to see whether it is in a hurry
SEND_SECONDS = 20.0  # of one e-mail; a server may dawdle at each step
GOODBYE_SECONDS = 1.0
GROUP = 16  # e-mails in one piece: as many as a line that drops can leave in doubt
_TAKEN = range(200, 300)
_ENVELOPE_TAKEN = (_TAKEN, _TAKEN, (GO_ON,))
_CHUNK_TAKEN = (_TAKEN, _TAKEN, _TAKEN)
_FINAL = 500
_NEWLINE = "\r\n"
_NOT_UNDERSTOOD = range(500, 505)


@dataclass(frozen=True)
class NotSent:
    """The mail server did not take a message. `is_final`: it never will; `is_about_server`: no message fares better now.

    `is_by_server`: the server is at fault and not the message, which costs it no attempt. `in_doubt`: so many messages, beginning with this
    one, the server may have taken all the same.
    """

    code: str
    is_final: bool
    is_about_server: bool = False
    is_by_server: bool = False
    in_doubt: int = 0


class NotUnderstood(Exception):
    """The server does not know groups of commands, or chunks, as it said it does."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@value
class Mail:
    """One message. `message_id` stays the same over all attempts, so that a mail system can see a second one."""

    message_id: str
    to: str
    subject: str
    body: str


class MailServer:
    """A mail server by its URL: `smtp://[user:password@]host[:port]`, or `smtps://` for TLS from the first byte."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self._sender = sender
        self._domain = sender.rpartition("@")[2]
        is_tls = parts.scheme == "smtps"
        self._client = aiosmtplib.SMTP(
            hostname=parts.hostname or "127.0.0.1",
            port=parts.port or (465 if is_tls else 25),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=is_tls,
            timeout=CONNECT_SECONDS,
        )
        self._conversation: Conversation | None = None
        self._takes_chunks = False
        self._wants_steps = False
        self._has_said_content = False

    @property
    def has_line(self) -> bool:
        """Whether there is a line, in use or not."""
        return self._conversation is not None and self._conversation.is_alive

    @property
    def is_open(self) -> bool:
        """Whether an e-mail could go out at once, while nothing else does."""
        return self._conversation is not None and self._conversation.is_quiet

    async def send(self, mails: Sequence[Mail], goes_on: Callable[[], bool]) -> AsyncGenerator[NotSent | None]:
        """What became of each e-mail, in order: None when the server has taken it. The line has to be open.

        Ends early after a fault of the server itself, or when it no longer `goes_on`; then no e-mail is left in doubt.
        """
        at_once = GROUP if self._takes_chunks else 1
        written = [self._whole(mail) if self._takes_chunks else self._begun(mail) for mail in mails]
        is_done = False
        try:
            for start in range(0, len(mails), at_once):
                if not goes_on():
                    break
                conversation = self._conversation
                if conversation is None or not conversation.is_quiet:  # it was closed, or said what nobody had asked for
                    yield _server_fault("smtp_server_disconnected")
                    return
                group = mails[start : start + at_once]
                conversation.say(*chain.from_iterable(written[start : start + at_once]))
                until = _send_seconds_from_now()
                for mail in group:
                    fault = await self._outcome(conversation, mail, until, is_last=mail is group[-1])
                    if fault is not None and fault.is_about_server:
                        # of a group in one piece all has been said, to the last e-mail
                        more = len(group) - group.index(mail) - 1 if fault.in_doubt and self._takes_chunks else 0
                        yield replace(fault, in_doubt=fault.in_doubt + more)
                        return
                    yield fault
                    until = _send_seconds_from_now()
            is_done = True
        finally:
            if not is_done:  # the server may be in the midst of an e-mail
                self._hang_up()

    async def close(self) -> None:
        """Say goodbye, if there is still somebody to say it to."""
        if self._conversation is not None and self._conversation.is_quiet:
            self._conversation.say(b"QUIT\r\n")
            with contextlib.suppress(OSError):  # it has hung up first
                await self._conversation.answers(1, asyncio.get_running_loop().time() + GOODBYE_SECONDS)
        self._hang_up()

    async def open(self) -> NotSent | None:
        """Open the line, if it is not; returns why it cannot be."""
        if self.is_open:
            return None
        self._hang_up()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._client.connect()
                if self._client.is_ehlo_or_helo_needed:  # within TLS a server has to be greeted anew (RFC 3207)
                    await self._client.ehlo()
                self._takes_chunks = self._supports("pipelining") and self._supports("chunking") and await self._resets()
        except aiosmtplib.SMTPResponseException as error:
            code = error.code if error.code > 0 else "no_mail_server"  # below 0 it was no reply of SMTP at all
            return _server_fault(f"smtp_{code}")
        except (aiosmtplib.SMTPException, OSError, UnicodeError) as error:  # the last of a host that no name can be, as mail..example
            return _server_fault(f"smtp_{_snake(type(error).__name__.removeprefix('SMTP'))}")
        transport = cast("asyncio.Transport", self._client.transport)  # uvloop's own is no subclass
        self._conversation = Conversation(transport, takes_groups=self._supports("pipelining"))
        return None

    def _supports(self, extension: str) -> bool:
        return self._client.supports_extension(extension) and not self._wants_steps

    async def _resets(self) -> bool:
        """Whether it takes RSET: else what follows a refused e-mail in a group would go to that one's recipient too."""
        try:
            await self._client.rset()
        except aiosmtplib.SMTPResponseException as error:
            self._wants_steps = error.code != CLOSING
            return False
        return True

    async def _outcome(self, conversation: Conversation, mail: Mail, until: float, *, is_last: bool) -> NotSent | None:
        """What the server says to an e-mail that was said, or whose envelope was; after the last of a group nothing more is to come."""
        try:
            if self._takes_chunks:
                sender_code, fault = await self._chunk_taken(conversation, until)
            else:
                sender_code, fault = await self._data_taken(conversation, mail, until)
        except Closing:
            return _server_fault(f"smtp_{CLOSING}")
        except NotUnderstood as error:  # what it was sent as content it may have taken for commands: no later reply can be trusted
            self._wants_steps = True
            return _server_fault(f"smtp_{error.code}", in_doubt=1)
        except OSError as error:  # a time-out is one too
            self._wants_steps = self._wants_steps or self._takes_chunks  # the rest of the group may be in doubt: not so many again
            code = "smtp_timeout" if isinstance(error, TimeoutError) else "smtp_server_disconnected"
            return _server_fault(code, in_doubt=int(self._takes_chunks or self._has_said_content))
        if sender_code not in _TAKEN:  # whatever it has against us as a sender, it has against every e-mail
            return NotSent(f"smtp_{sender_code}", is_final=False, is_about_server=is_last, is_by_server=sender_code < _FINAL)
        return fault

    async def _chunk_taken(self, conversation: Conversation, until: float) -> tuple[int, NotSent | None]:
        """The reply to MAIL, and the first that refuses. Raises `NotUnderstood`."""
        reset, sender, recipient, chunk = await conversation.answers(4, until)
        if reset not in _TAKEN:
            raise NotUnderstood(reset)
        if sender in _TAKEN and recipient in _TAKEN and chunk in _NOT_UNDERSTOOD:
            raise NotUnderstood(chunk)
        return sender, _fault((sender, recipient, chunk), _CHUNK_TAKEN)

    async def _data_taken(self, conversation: Conversation, mail: Mail, until: float) -> tuple[int, NotSent | None]:
        """The reply to MAIL, and the first that refuses."""
        self._has_said_content = False
        codes = await conversation.answers(3, until)
        fault = _fault(codes, _ENVELOPE_TAKEN)
        if codes[-1] != GO_ON:
            conversation.say(b"RSET\r\n")
        elif fault is not None:
            conversation.say(b".\r\n")  # to nobody: a server should not have let it come to this
        else:
            self._has_said_content = True
            conversation.say(self._message(mail).replace(b"\r\n.", b"\r\n..") + b".\r\n")  # a dot that begins a line gets a second one
        ended = _fault(await conversation.answers(1, until), (_TAKEN,))
        return codes[0], fault or ended

    def _hang_up(self) -> None:
        self._client.close()
        self._conversation = None

    def _whole(self, mail: Mail) -> tuple[bytes, ...]:
        """An e-mail in one piece. RSET first: where the one before was refused, its transaction is still open (RFC 3030)."""
        message = self._message(mail)
        return b"RSET\r\n", *self._envelope(mail), b"BDAT %d LAST\r\n" % len(message), message

    def _begun(self, mail: Mail) -> tuple[bytes, ...]:
        """An e-mail up to where the server asks for its content."""
        return *self._envelope(mail), b"DATA\r\n"

    def _envelope(self, mail: Mail) -> tuple[bytes, bytes]:
        is_8bit = b" BODY=8BITMIME" if self._client.supports_extension("8bitmime") else b""
        return b"MAIL FROM:<%s>%s\r\n" % (self._sender.encode(), is_8bit), b"RCPT TO:<%s>\r\n" % mail.to.encode()

    def _message(self, mail: Mail) -> bytes:
        """The message as RFC 5322 has it, written out: the email package takes ten times as long for these eight lines."""
        subject = " ".join(mail.subject.split())  # one line, whatever a coordinator wrote
        lines = (
            f"From: {self._sender}",
            f"To: {mail.to}",
            f"Subject: {subject if subject.isascii() else Header(subject, 'utf-8').encode(linesep=_NEWLINE)}",
            f"Date: {_date(int(time.time()))}",
            f"Message-ID: <{mail.message_id}@{self._domain}>",
            "Auto-Submitted: auto-generated",
            "MIME-Version: 1.0",
            'Content-Type: text/plain; charset="utf-8"',
            "Content-Transfer-Encoding: 8bit",
            "",
            *mail.body.splitlines(),
            "",
        )
        return _NEWLINE.join(lines).encode()


@lru_cache(maxsize=1)
def _date(second: int) -> str:
    """A date as RFC 5322 has it; working it out takes longer than all else in a message."""
    return formatdate(second)


def _send_seconds_from_now() -> float:
    return asyncio.get_running_loop().time() + SEND_SECONDS


def _server_fault(code: str, in_doubt: int = 0) -> NotSent:
    return NotSent(code, is_final=False, is_about_server=True, is_by_server=True, in_doubt=in_doubt)


def _fault(codes: Sequence[int], wanted: Sequence[Container[int]]) -> NotSent | None:
    """The first reply that is none of those wanted."""
    refused = next((code for code, good in zip(codes, wanted, strict=True) if code not in good), None)
    if refused is None:
        return None
    return NotSent(f"smtp_{refused}", is_final=refused >= _FINAL)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() and place else letter.lower() for place, letter in enumerate(name))[:50]
