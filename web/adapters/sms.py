"""Ways out for SMS: a provider spoken to over HTTP, the console of a developer, or nowhere."""

import http.client
import json
import ssl
import sys
from dataclasses import dataclass
from typing import TextIO
from urllib.parse import urlsplit

from web.services.mail import MailDown, MailError, MailRefused, MailUncertain, TextPost

SECONDS = 15


@dataclass(frozen=True, slots=True)
class Console:
    """Prints each SMS."""

    out: TextIO

    def send(self, number: str, text: str, *, reference: str) -> None:
        """Print number and text."""
        print(f"SMS à {number} : {text}", file=self.out, flush=True)


class Nowhere:
    """Sends nothing: in a demo the outbox alone keeps the texts."""

    def send(self, number: str, text: str, *, reference: str) -> None:
        """Accept the text and let it go."""


class NoProvider:
    """No provider is set: each SMS fails and says so, none waits for ever."""

    def send(self, number: str, text: str, *, reference: str) -> None:
        """Refuse."""
        raise MailRefused("Aucun service de SMS n’est réglé (SMS_URL).")


@dataclass(frozen=True, slots=True)
class HttpProvider:
    """A provider that takes one JSON document an SMS: {"to", "text", "reference"}.

    The token goes in `Authorization: Bearer`. Any 2xx means taken.
    """

    host: str
    path: str
    token: str = ""
    port: int | None = None
    tls: bool = True

    def send(self, number: str, text: str, *, reference: str) -> None:
        """Hand one SMS over; every failure says whether it may have left."""
        line = self._open()
        try:
            self._hand_over(line, {"to": number, "text": text, "reference": reference})
        finally:
            line.close()

    def _open(self) -> http.client.HTTPConnection:
        line: http.client.HTTPConnection
        if self.tls:
            context = ssl.create_default_context()
            line = http.client.HTTPSConnection(
                self.host, self.port, timeout=SECONDS, context=context
            )
        else:
            line = http.client.HTTPConnection(self.host, self.port, timeout=SECONDS)
        try:
            line.connect()
        except OSError as error:
            line.close()
            raise MailDown(f"Service de SMS injoignable : {_words(error)}") from error
        return line

    def _hand_over(self, line: http.client.HTTPConnection, text: dict[str, str]) -> None:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            line.request("POST", self.path, json.dumps(text).encode(), headers)
            answer = line.getresponse()
            answer.read(1000)
        except (OSError, http.client.HTTPException) as error:
            raise MailUncertain(f"Ligne coupée pendant l’envoi : {_words(error)}") from error
        _check(answer.status)


def texts_at(url: str, token: str = "") -> TextPost:
    """Return the way out that an address names.

    `console:`, `nowhere:`, `https://provider.example/sms`, or nothing at all.

    Raises:
        ValueError: the address names none of these.
    """
    if not url:
        return NoProvider()
    parts = urlsplit(url)
    if parts.scheme == "console":
        return Console(sys.stdout)
    if parts.scheme == "nowhere":
        return Nowhere()
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("SMS_URL doit commencer par console:, nowhere:, http:// ou https://.")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return HttpProvider(parts.hostname, path, token, parts.port, parts.scheme == "https")


def _check(status: int) -> None:
    """Read the provider's answer: 2xx yes, too many or out of order later, a wrong key nobody."""
    if 200 <= status < 300:
        return
    words = f"Le service de SMS a répondu {status}."
    if status in (401, 403, 429, 503):
        raise MailDown(words)
    if status >= 500:
        # It had the text in hand: a second one could reach the same person.
        raise MailUncertain(words)
    if status in (408, 425):
        raise MailError(words)
    raise MailRefused(words)


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
