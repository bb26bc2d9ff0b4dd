"""The outbox drained to a real SMTP server that may be down, refuse, or die."""

import socket
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller

from config import Settings
from models import Message, MessageKind, MessageState
from web.adapters.mail import post_at
from web.mailer import office
from web.services.mail import STUCK_AFTER, WAITS, drain_outbox
from web.services.outbox import tell

NOW = datetime(2026, 10, 9, 16, tzinfo=UTC)


class Desk:
    """An SMTP desk whose answers a test may change."""

    def __init__(self):
        self.letters = []
        self.refused = {}
        self.at_data = "250 OK"
        self.dies = False

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.dies:
            server.transport.abort()
            return "250 too late"
        if self.at_data.startswith("250"):
            self.letters.append(message_from_bytes(envelope.content, policy=policy.default))
        return self.at_data


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def server(desk):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(desk, hostname="127.0.0.1", port=port)
    controller.start()
    yield controller
    if controller.loop.is_running():
        controller.stop()


@pytest.fixture
def mail(server):
    settings = Settings(
        mail_url=f"smtp://127.0.0.1:{server.port}",
        mail_from="Tremplin 3e <stages@example.org>",
        site_url="https://stages.example.org",
    )
    return office(settings)


def queue(session, *recipients, days=7):
    params = {"children": ["Lina"], "days": days, "deadline": "2026-10-16T16:00:00+00:00"}
    letters = [(recipient, params) for recipient in recipients]
    tell(session, MessageKind.WISHES_REMINDER, f"reminder:1:{days}", letters, now=NOW)
    session.commit()
    return session.query(Message).order_by(Message.id).all()


def test_a_letter_arrives_as_it_is_kept(session, mail, desk):
    (message,) = queue(session, "samira@example.org")
    assert drain_outbox(session, mail, now=NOW) == 1
    (letter,) = desk.letters
    assert letter["To"] == "samira@example.org"
    assert letter["From"] == "Tremplin 3e <stages@example.org>"
    assert letter["Subject"] == message.subject
    assert letter.get_content().splitlines() == message.body.splitlines()
    assert "vendredi 16\xa0octobre 2026 à 18\xa0h" in message.body
    assert (message.state, message.sent_at) == (MessageState.SENT, NOW)


def test_nobody_is_written_to_twice(session, mail, desk):
    queue(session, "samira@example.org")
    queue(session, "samira@example.org")
    drain_outbox(session, mail, now=NOW)
    drain_outbox(session, mail, now=NOW + timedelta(days=1))
    assert len(desk.letters) == 1


def test_a_message_waits_for_its_hour(session, mail, desk):
    queue(session, "samira@example.org")
    assert drain_outbox(session, mail, now=NOW - timedelta(seconds=1)) == 0


def test_one_refused_address_does_not_hold_the_others(session, mail, desk):
    desk.refused["gone@example.org"] = "550 No such user"
    gone, kept = queue(session, "gone@example.org", "samira@example.org")
    assert drain_outbox(session, mail, now=NOW) == 1
    assert (gone.state, kept.state) == (MessageState.FAILED, MessageState.SENT)
    assert gone.failure == "550 No such user"


def test_a_busy_mailbox_is_tried_again_with_the_same_identity(session, mail, desk):
    desk.at_data = "452 Mailbox full"
    (message,) = queue(session, "samira@example.org")
    drain_outbox(session, mail, now=NOW)
    assert (message.state, message.next_try_at) == (MessageState.QUEUED, NOW + WAITS[0])
    desk.at_data = "250 OK"
    assert drain_outbox(session, mail, now=NOW + WAITS[0] - timedelta(seconds=1)) == 0
    assert drain_outbox(session, mail, now=NOW + WAITS[0]) == 1
    assert desk.letters[0]["Message-ID"].startswith(f"<message-{message.id}.")
    assert message.failure == ""


def test_a_server_that_is_down_is_waited_for_then_given_up(session, mail, server):
    server.stop()
    first, second = queue(session, "samira@example.org", "karim@example.org")
    moment = NOW
    assert drain_outbox(session, mail, now=moment) == 0
    assert (first.attempts, second.attempts) == (1, 0), "one try tells that nobody answers"
    while first.state is MessageState.QUEUED:
        moment = first.next_try_at
        second.next_try_at = moment + timedelta(hours=1)
        drain_outbox(session, mail, now=moment)
    assert first.state is MessageState.FAILED
    assert first.attempts == 8
    assert first.failure.startswith("Serveur injoignable")


def test_a_line_cut_after_the_letter_is_uncertain_and_never_sent_again(session, mail, desk):
    desk.dies = True
    (message,) = queue(session, "samira@example.org")
    drain_outbox(session, mail, now=NOW)
    assert message.state is MessageState.UNCERTAIN
    desk.dies = False
    assert drain_outbox(session, mail, now=NOW + timedelta(days=1)) == 0
    assert desk.letters == []


def test_a_process_that_died_while_sending_leaves_an_uncertain_letter(session, mail, desk):
    (message,) = queue(session, "samira@example.org")
    message.state, message.claimed_at = MessageState.SENDING, NOW
    session.commit()
    drain_outbox(session, mail, now=NOW + STUCK_AFTER)
    assert message.state is MessageState.SENDING
    drain_outbox(session, mail, now=NOW + STUCK_AFTER + timedelta(seconds=1))
    assert message.state is MessageState.UNCERTAIN
    assert desk.letters == []


def test_a_letter_that_cannot_be_written_fails_alone(session, mail, desk):
    queue(session, "samira@example.org")
    tell(session, MessageKind.WISHES_REMINDER, "broken", [("k@example.org", {})], now=NOW)
    session.commit()
    assert drain_outbox(session, mail, now=NOW) == 1
    broken = session.query(Message).filter_by(event_key="broken").one()
    assert broken.state is MessageState.FAILED
    assert "wishes_reminder" in broken.failure


def test_two_drains_share_the_outbox(sessions, mail, desk):
    with sessions.writing() as one, sessions.writing() as other:
        queue(one, *(f"p{n}@example.org" for n in range(6)))
        drain_outbox(one, mail, now=NOW, stopping=lambda: len(desk.letters) == 3)
        drain_outbox(other, mail, now=NOW)
    assert sorted(letter["To"] for letter in desk.letters) == [
        f"p{n}@example.org" for n in range(6)
    ]


def test_the_console_prints_and_nowhere_is_silent(session, capsys):
    queue(session, "samira@example.org")
    assert drain_outbox(session, office(Settings(mail_url="console:")), now=NOW) == 1
    assert "À : samira@example.org" in capsys.readouterr().out
    queue(session, "samira@example.org", days=2)
    assert drain_outbox(session, office(Settings(mail_url="nowhere:")), now=NOW) == 1
    assert capsys.readouterr().out == ""


def test_addresses_of_servers():
    box = post_at("smtp://user:p%40ss@mail.example.org:587/?starttls=1")
    assert (box.host, box.port, box.user, box.password) == (
        "mail.example.org",
        587,
        "user",
        "p@ss",
    )
    assert box.starttls
    assert not box.tls
    assert post_at("smtps://mail.example.org").port == 465
    with pytest.raises(ValueError, match="MAIL_URL"):
        post_at("pigeon://mail.example.org")
