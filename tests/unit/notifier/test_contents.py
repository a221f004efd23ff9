"""What leaves in an e-mail, as the mail server has it: four things that say nothing, in a message that every mail system can read."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from fingerpost_notifier.adapters.book import Book
from fingerpost_notifier.adapters.mail import MailServer
from fingerpost_notifier.adapters.sender import Sender
from tests.unit.notifier.building import alone, an_alert, never
from tests.unit.notifier.sending import DIRECTORY, RETRIES, WORDING, BookInMemory, sent_by
from tests.unit.notifier.smtp_server import CONTENT, SmtpServer, smtp_server


def read(content: bytes) -> EmailMessage:
    return cast("EmailMessage", message_from_bytes(content, policy=policy.default))


async def test_the_message_id_is_the_same_in_every_attempt_and_another_for_another_alert():
    async with smtp_server({CONTENT: "451 again"}) as server:
        await sent_by(server.url, [an_alert(1, attempts=1), an_alert(2, attempts=1)])
        await sent_by(server.url, [an_alert(1, attempts=2)])
    first, other, again = (read(content)["Message-ID"] for content in server.contents)
    assert first == again == f"<{an_alert(1).id}@csp.example>"
    assert other != first


def what_left(server: SmtpServer) -> str:
    """Every byte that the server was sent, but for the name of this machine that a client greets with."""
    commands = [line for line in server.lines if not line.upper().startswith(("EHLO", "HELO"))]
    return "\n".join([*commands, *(content.decode() for content in server.contents)])


async def test_nothing_leaves_but_organisation_reference_band_and_link():
    alert = an_alert()
    async with smtp_server() as server:
        await sent_by(server.url, [alert])
    message = read(server.contents[0])
    assert message["Subject"] == f"Herefordshire Community Safety Partnership: {alert.reference}, band P1"
    assert message["To"] == DIRECTORY.agencies["police"].channels[0].email
    assert (
        message.get_content().split()
        == WORDING.body.format(
            organisation="Herefordshire Community Safety Partnership",
            reference=alert.reference,
            band="P1",
            link=f"https://console.example/referrals/{alert.reference}",
        ).split()
    )
    assert set(message.keys()) - {"MIME-Version", "Content-Type", "Content-Transfer-Encoding"} == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
    }
    left = what_left(server)
    assert "matac" not in left
    assert str(alert.referral_id) not in left
    assert str(alert.leg_id) not in left


async def test_a_name_beyond_ascii_is_encoded_and_arrives_as_it_was():
    partnership = DIRECTORY.partnership.model_copy(update={"name": "Partneriaeth Tŷ Siân"})
    directory: Any = DIRECTORY.model_copy(update={"partnership": partnership})
    book = BookInMemory([an_alert()])
    async with smtp_server() as server:
        mail_server = MailServer(server.url, "alerts@csp.example")
        await Sender(
            "urgent", cast("Book", book), mail_server, WORDING, directory, "https://console.example", RETRIES, alone, never
        ).send_due()
        await mail_server.close()
    message = read(server.contents[0])
    assert message["Subject"].strip().startswith("Partneriaeth Tŷ Siân: HC-")
    assert "Partneriaeth Tŷ Siân" in message.get_content()
