"""Ways out for mail: an SMTP server, the console of a developer, or nowhere."""

import smtplib
import ssl
import sys
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import TextIO
from urllib.parse import parse_qs, unquote, urlsplit

from web.services.mail import MailDown, MailError, MailRefused, MailUncertain, Post

SECONDS = 20
PORTS = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True, slots=True)
class Console:
    """Prints each letter: what a developer wants to see."""

    out: TextIO

    def send(self, letter: EmailMessage) -> None:
        """Print recipient, subject and text."""
        lines = [f"À : {letter['To']}", f"Objet : {letter['Subject']}", "", letter.get_content()]
        print(*lines, sep="\n", file=self.out, flush=True)


class Nowhere:
    """Sends nothing: in a demo the outbox alone keeps the letters, nobody is written to."""

    def send(self, letter: EmailMessage) -> None:
        """Accept the letter and let it go."""


@dataclass(frozen=True, slots=True)
class Smtp:
    """An SMTP server, spoken to in clear, through STARTTLS or through TLS from the start."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: bool = False
    starttls: bool = False

    def send(self, letter: EmailMessage) -> None:
        """Hand one letter over; every failure says whether the letter may have left."""
        try:
            server = self._open()
        except (OSError, smtplib.SMTPException) as error:
            raise MailDown(f"Serveur injoignable : {_words(error)}") from error
        try:
            _hand_over(server, letter)
        finally:
            server.close()

    def _open(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        server: smtplib.SMTP
        if self.tls:
            server = smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        try:
            if self.starttls:
                server.starttls(context=context)
            server.ehlo_or_helo_if_needed()
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


def post_at(url: str) -> Post:
    """Return the way out that an address names.

    `console:`, `nowhere:`, `smtp://user:password@host:587/?starttls=1`, `smtps://host`.

    Raises:
        ValueError: the address names none of these.
    """
    parts = urlsplit(url)
    if parts.scheme == "console":
        return Console(sys.stdout)
    if parts.scheme == "nowhere":
        return Nowhere()
    if parts.scheme not in PORTS or not parts.hostname:
        raise ValueError("MAIL_URL doit commencer par console:, nowhere:, smtp:// ou smtps://.")
    return Smtp(
        host=parts.hostname,
        port=parts.port or PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=parts.scheme == "smtps",
        starttls=parse_qs(parts.query).get("starttls") == ["1"],
    )


def _hand_over(server: smtplib.SMTP, letter: EmailMessage) -> None:
    try:
        _check(server.mail(parseaddr(letter["From"])[1]), refusal=MailError)
        _check(server.rcpt(parseaddr(letter["To"])[1]), refusal=MailRefused)
    except UnicodeEncodeError as error:
        raise MailRefused("Adresse que le serveur ne sait pas lire.") from error
    except (OSError, smtplib.SMTPException) as error:
        raise MailDown(f"Ligne coupée : {_words(error)}") from error
    try:
        _check(server.data(letter.as_bytes(policy=policy.SMTP)), refusal=MailRefused)
    except smtplib.SMTPDataError as error:
        _check((error.smtp_code, error.smtp_error), refusal=MailRefused)
    except (OSError, smtplib.SMTPException) as error:
        raise MailUncertain(f"Ligne coupée pendant l’envoi : {_words(error)}") from error


def _check(answer: tuple[int, bytes | str], *, refusal: type[MailError]) -> None:
    """Read the server's answer: 2xx yes, 4xx later, 5xx `refusal`, 421 goodbye."""
    code, reply = answer
    words = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    if code == 421:
        raise MailDown(f"{code} {words}")
    if code >= 500:
        raise refusal(f"{code} {words}")
    if code >= 400:
        raise MailError(f"{code} {words}")


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
