"""SMS: to whom, what they say, and a provider that may be down, refuse, or die."""

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from config import Settings
from models import Message, MessageKind, MessageState, Placement
from tests import factories as f
from tests.services.seasons import Season
from web.adapters.sms import texts_at
from web.mailer import LETTERS, TEMPLATES, office, writer
from web.services.campaigns import advance
from web.services.errors import Refused
from web.services.mail import STUCK_AFTER, drain_outbox
from web.services.outbox import tell
from web.services.phones import keep_phone, mobile_number, read_number
from web.services.place_news import tell_given
from web.services.publication import publish
from web.services.reminders import remind_of_wishes
from web.services.school_reminders import remind_families

NOW = datetime(2026, 10, 9, 16, tzinfo=UTC)
LINA, ADAM = "+33612345678", "+33687654321"


class Provider(HTTPServer):
    """A provider of SMS whose answer a test may change; « None » hangs up in the middle."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answering)
        self.taken, self.status = [], 200


class Answering(BaseHTTPRequestHandler):
    def do_POST(self):
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.status is None:
            self.connection.close()
            return
        if self.server.status == 200:
            self.server.taken.append(sent | {"key": self.headers["Authorization"]})
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        """Stay quiet."""


@pytest.fixture
def provider():
    server = Provider()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def desk(provider):
    settings = Settings(
        mail_url="nowhere:",
        sms_url=f"http://127.0.0.1:{provider.server_port}/send",
        sms_token="secret",
        site_url="https://stages.example.org",
    )
    return office(settings)


def queue(session, *recipients):
    letters = [(one, {"round_id": 1, "children": [], "answers_until": ""}) for one in recipients]
    tell(session, MessageKind.RESULT_FAMILY, "publication:1:family", letters, now=NOW)
    session.commit()
    return session.query(Message).order_by(Message.id).all()


def test_each_text_reaches_the_provider_once_and_fits_in_one(session, desk, provider):
    (message,) = queue(session, LINA)
    queue(session, LINA)
    assert drain_outbox(session, desk, now=NOW) == 1
    assert drain_outbox(session, desk, now=NOW) == 0
    (sent,) = provider.taken
    assert (sent["to"], sent["key"]) == (LINA, "Bearer secret")
    assert sent["text"] == message.body
    assert sent["reference"].startswith(f"message-{message.id}.")
    assert len(message.body) <= 2 * 153
    assert set(message.body) <= LETTERS


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (400, MessageState.FAILED),
        (503, MessageState.QUEUED),
        (500, MessageState.UNCERTAIN),
        (None, MessageState.UNCERTAIN),
    ],
)
def test_what_the_provider_says_decides_what_comes_next(session, desk, provider, status, state):
    provider.status = status
    (message,) = queue(session, LINA)
    assert drain_outbox(session, desk, now=NOW) == 0
    assert message.state is state
    provider.status = 200
    later = NOW + timedelta(hours=1)
    assert drain_outbox(session, desk, now=later) == (state is MessageState.QUEUED)


def test_a_provider_that_is_down_does_not_hold_the_mail_back(session, desk, provider):
    provider.status = 503
    first, second, mail = queue(session, LINA, ADAM, "samira@example.org")
    assert drain_outbox(session, desk, now=NOW) == 1
    assert mail.state is MessageState.SENT
    assert {first.state, second.state} == {MessageState.QUEUED}
    assert second.attempts == 0


def test_a_killed_process_leaves_an_uncertain_text(session, desk, provider):
    (message,) = queue(session, LINA)
    message.state, message.claimed_at = MessageState.SENDING, NOW
    session.commit()
    late = NOW + STUCK_AFTER + timedelta(seconds=1)
    drain_outbox(session, desk, now=late)
    assert message.state is MessageState.UNCERTAIN
    assert not provider.taken


def test_without_a_provider_a_text_fails_and_says_why(session):
    silent = office(Settings(mail_url="nowhere:", sms_url=""))
    (message,) = queue(session, LINA)
    drain_outbox(session, silent, now=NOW)
    assert message.state is MessageState.FAILED
    assert "SMS_URL" in message.failure
    with pytest.raises(ValueError, match="SMS_URL"):
        texts_at("ftp://example.org")


def test_production_sends_no_text_unless_told_where():
    secrets = {"SECRET_KEY": "s" * 32, "DATA_KEY": "d" * 32, "SITE_URL": "https://x.example"}
    real = Settings.from_env({"PRODUCTION": "1", **secrets})
    assert not real.sends_texts
    assert Settings.from_env({}).sends_texts
    told = {"PRODUCTION": "1", "SMS_URL": "https://p.example/sms", **secrets}
    assert Settings.from_env(told).sends_texts


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("06 12 34 56 78", "+33612345678"),
        ("+33 (0)6.12.34.56.78", "+33612345678"),
        ("0033712345678", "+33712345678"),
        ("0692 12 34 56", "+262692123456"),
        ("02 40 00 00 00", None),
        ("+49 170 1234567", None),
        ("06 12 34 56", None),
        ("٠٦12345678", None),
    ],
)
def test_a_french_mobile_has_one_written_form(typed, kept):
    assert mobile_number(typed) == kept
    if kept:
        assert mobile_number(read_number(kept)) == kept


def test_who_has_a_number_alone_is_texted_and_who_has_mail_is_mailed(session, sessions):
    season = Season(session)
    texted = f.guardian(session, email=None)
    season.pupils[0].guardians.append(texted)
    session.commit()
    with pytest.raises(Refused):
        keep_phone(session, texted, LINA, agreed=False, by=season.by, now=NOW)
    for holder in (texted, season.guardian, season.pupils[2]):
        number = ADAM if holder is season.pupils[2] else LINA
        keep_phone(session, holder, number, agreed=True, by=season.by, now=NOW)

    def texts(kind):
        return [m for m in session.query(Message) if m.by_phone and m.kind is kind]

    season.review(sessions)
    publish(session, season.round.id, by=season.by, now=f.PUBLISH_AT)
    told = texts(MessageKind.RESULT_FAMILY)
    assert sorted(m.recipient for m in told) == sorted([LINA, ADAM])
    words = json.dumps([m.params for m in told])
    assert "Élève" not in words
    assert "Menuiserie" not in words
    place = session.query(Placement).filter_by(pupil_id=season.pupils[2].id).one()
    tell_given(session, place, now=f.PUBLISH_AT)
    assert [(m.recipient, m.params) for m in texts(MessageKind.PLACE_GIVEN)] == [(ADAM, {})]


def test_every_text_fits_in_two_whatever_it_says():
    write = writer(Settings(site_url="https://stages.loire-atlantique.example"))
    params = {"deadline": f.WISHES_CLOSE.isoformat()}
    for file in (TEMPLATES / "texts").iterdir():
        message = Message(kind=MessageKind(file.stem), recipient=LINA, params=params)
        words = write(message).text
        assert len(words) <= 2 * 153, words
        assert set(words) <= LETTERS, words


def test_reminders_reach_those_who_have_a_number_alone(session):
    season = Season(session)
    advance(session, f.WISHES_OPEN)
    keep_phone(session, season.pupils[2], LINA, agreed=True, by=season.by, now=f.WISHES_OPEN)
    reminded = remind_families(
        session,
        season.rep_plus.id,
        {season.pupils[2].id, season.pupils[3].id},
        by=season.by,
        now=f.WISHES_TIME,
    )
    assert reminded.letters == 1
    assert [p.id for p in reminded.unreachable] == [season.pupils[3].id]
    remind_of_wishes(session, now=f.WISHES_CLOSE - timedelta(days=2))
    kinds = [m.kind for m in session.query(Message) if m.recipient == LINA]
    assert kinds == [MessageKind.SCHOOL_REMINDER, MessageKind.WISHES_REMINDER]
