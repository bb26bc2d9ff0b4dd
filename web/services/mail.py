"""From the outbox to the mail server or the SMS provider: each message once, or uncertain."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Protocol

from sqlalchemy.orm import Session

from models import Message, MessageState, messages_due, messages_stuck

# One wait after each failed try: a minute at first, half a day at last. The eighth ends it.
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720))
STUCK_AFTER = timedelta(minutes=10)
BATCH = 25
"""Letters of one drain: even if each takes its 20 seconds, none looks stuck before its turn."""


class MailError(Exception):
    """A message did not leave. Said of this message alone, and for now: try it again later."""


class MailDown(MailError):  # noqa: N818
    """The server answers nobody: no use trying the others now."""


class MailRefused(MailError):  # noqa: N818
    """The server will never take this message."""


class MailUncertain(MailError):  # noqa: N818
    """The server had the message when the line went dead: it may have left, or not."""


class Post(Protocol):
    """What carries mail out: a console, an SMTP server, nothing at all."""

    def send(self, letter: EmailMessage) -> None:
        """Hand one letter over, or raise a MailError."""


class TextPost(Protocol):
    """What carries SMS out: a console, a provider, nothing at all."""

    def send(self, number: str, text: str, *, reference: str) -> None:
        """Hand one SMS over, or raise a MailError; the reference is the same at each try."""


@dataclass(frozen=True, slots=True)
class Written:
    """A message as its recipient reads it; an SMS has no subject."""

    subject: str
    text: str


class Unwritable(Exception):  # noqa: N818
    """A message lacks what its text needs."""


@dataclass(frozen=True, slots=True)
class Office:
    """How this service writes, signs and sends."""

    write: Callable[[Message], Written]
    post: Post
    texts: TextPost
    sender: str
    keeps_links: bool = False
    """In the demo, whose mailbox anyone reads, one-use links stay in the messages sent."""


def drain_outbox(
    session: Session,
    office: Office,
    *,
    now: datetime,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Send the messages whose hour has come, a batch at most; return how many left.

    A message is marked before it is handed over and after: a process that dies in between
    leaves it "sending", which becomes "uncertain". Nobody is ever written to twice in silence.
    """
    for lost in session.scalars(messages_stuck(now - STUCK_AFTER)):
        _end(lost, office, MessageState.UNCERTAIN, "Envoi interrompu.")
    sent = 0
    up = {"mail": True, "texts": True}
    for _ in range(BATCH):
        message = _next_claimed(session, now, up)
        if message is None:
            break
        if not _deliver(message, office, now):
            up["texts" if message.by_phone else "mail"] = False
        sent += message.state is MessageState.SENT
        if stopping() or not any(up.values()):
            break
    session.commit()
    return sent


def _next_claimed(session: Session, now: datetime, up: dict[str, bool]) -> Message | None:
    """Save the fate of the last message and take the next one, in one transaction."""
    message = session.scalar(messages_due(now, **up).limit(1))
    if message is not None:
        message.state = MessageState.SENDING
        message.claimed_at = now
        message.attempts += 1
    session.commit()
    return message


def _deliver(message: Message, office: Office, now: datetime) -> bool:
    """Try one message and note its fate; False if nobody answers at the other end."""
    try:
        written = office.write(message)
        message.subject, message.body = written.subject, written.text
        _send(message, office, now)
    except (MailRefused, Unwritable) as error:
        _end(message, office, MessageState.FAILED, str(error))
    except MailUncertain as error:
        _end(message, office, MessageState.UNCERTAIN, str(error))
    except MailError as error:
        _put_back(message, office, str(error), now)
        return not isinstance(error, MailDown)
    else:
        message.sent_at = now
        _end(message, office, MessageState.SENT, "")
    return True


def _send(message: Message, office: Office, now: datetime) -> None:
    if message.by_phone:
        office.texts.send(message.recipient, message.body, reference=_reference(message))
    else:
        office.post.send(_letter(message, office.sender, now))


def _reference(message: Message) -> str:
    """The same at each try: who receives can tell a second copy from a new message."""
    return f"message-{message.id}.{message.created_at:%Y%m%d%H%M%S}"


def _letter(message: Message, sender: str, now: datetime) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = sender
    letter["To"] = message.recipient
    letter["Subject"] = message.subject
    letter["Date"] = format_datetime(now)
    letter["Message-ID"] = f"<{_reference(message)}@tremplin3e>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(message.body, cte="quoted-printable")
    return letter


def _put_back(message: Message, office: Office, reason: str, now: datetime) -> None:
    if message.attempts > len(WAITS):
        _end(message, office, MessageState.FAILED, reason)
        return
    message.state = MessageState.QUEUED
    message.next_try_at = now + WAITS[message.attempts - 1]
    message.failure = reason


def _end(message: Message, office: Office, state: MessageState, reason: str) -> None:
    """Note the last word on a message; a one-use link it held is not kept."""
    message.state = state
    message.failure = reason
    token = message.params.get("token")
    if token and not office.keeps_links:
        message.body = message.body.replace(token, "…")
        message.params = {name: v for name, v in message.params.items() if name != "token"}
