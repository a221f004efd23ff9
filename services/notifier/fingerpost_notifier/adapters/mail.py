"""Sends alerts as e-mail over one SMTP connection that is kept open."""

import asyncio
from dataclasses import dataclass
from email.header import Header
from email.utils import formatdate
from urllib.parse import unquote, urlsplit

import aiosmtplib

TIMEOUT_SECONDS = 15.0  # of one command; a server may dawdle at each
SEND_SECONDS = 20.0


class NotSent(Exception):
    """The mail server did not take a message. `is_final`: it never will; `is_about_server`: no message fares better now."""

    def __init__(self, code: str, *, is_final: bool, is_about_server: bool = False) -> None:
        super().__init__(code)
        self.code, self.is_final, self.is_about_server = code, is_final, is_about_server


@dataclass(frozen=True)
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
            timeout=TIMEOUT_SECONDS,
        )

    async def send(self, mail: Mail) -> None:
        """Returns when the server has taken the message. Raises `NotSent`, after `SEND_SECONDS` at the latest."""
        message = self._message(mail)
        try:
            async with asyncio.timeout(SEND_SECONDS):
                if not self._client.is_connected:
                    await self._client.connect()
                await self._client.sendmail(self._sender, [mail.to], message)
        except aiosmtplib.SMTPRecipientsRefused as error:
            code = error.recipients[0].code
            raise NotSent(f"smtp_{code}", is_final=code >= 500) from None
        except aiosmtplib.SMTPResponseException as error:
            is_about_server = error.code == 421 or isinstance(error, aiosmtplib.SMTPConnectError | aiosmtplib.SMTPAuthenticationError)
            raise NotSent(
                f"smtp_{error.code}", is_final=error.code >= 500 and not is_about_server, is_about_server=is_about_server
            ) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            self._client.close()
            raise NotSent(f"smtp_{_snake(type(error).__name__.removeprefix('SMTP'))}", is_final=False, is_about_server=True) from None

    async def close(self) -> None:
        """Say goodbye, if there is still somebody to say it to."""
        if self._client.is_connected:
            self._client.close()

    def _message(self, mail: Mail) -> bytes:
        """The message as RFC 5322 has it, written out: the email package takes ten times as long for these eight lines."""
        subject = " ".join(mail.subject.split())  # one line, whatever a coordinator wrote
        headers = {
            "From": self._sender,
            "To": mail.to,
            "Subject": subject if subject.isascii() else Header(subject, "utf-8").encode(linesep="\r\n"),
            "Date": formatdate(),
            "Message-ID": f"<{mail.message_id}@{self._domain}>",
            "Auto-Submitted": "auto-generated",
            "MIME-Version": "1.0",
            "Content-Type": 'text/plain; charset="utf-8"',
            "Content-Transfer-Encoding": "8bit",
        }
        lines = [*(f"{name}: {value}" for name, value in headers.items()), "", *mail.body.splitlines(), ""]
        return "\r\n".join(lines).encode()


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() and place else letter.lower() for place, letter in enumerate(name))[:50]
