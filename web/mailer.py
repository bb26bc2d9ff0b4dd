"""From a row of the outbox to what its recipient reads.

A mail is templates/emails/<kind>.txt, an SMS templates/texts/<kind>.txt.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from config import Settings
from models import Message
from web import format
from web.adapters.mail import post_at
from web.adapters.sms import texts_at
from web.services.mail import Office, Unwritable, Written
from web.typography import FrenchTypography, french_value

TEMPLATES = Path(__file__).parent / "templates"
DATES = ("day", "hour", "moment", "week")
OTHERS = ("number", "percent", "km", "season", "plural")

LETTERS = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The alphabet of SMS (GSM 03.38): 160 letters in one of them, 70 as soon as one is foreign."""

SIMPLER = str.maketrans(
    {"’": "'", "‘": "'", "«": '"', "»": '"', "œ": "oe", "Œ": "Oe", "–": "-", "\u2011": "-"}
)

_SUBJECT = re.compile(r"\s*Objet\s*:\s*(?P<subject>[^\n]+)\n+(?P<text>.*)", re.DOTALL)
_BLANKS = re.compile(r"\n{3,}")


def office(settings: Settings) -> Office:
    """How this service writes, signs and sends its mail."""
    return Office(
        writer(settings),
        post_at(settings.mail_url),
        texts_at(settings.sms_url, settings.sms_token),
        settings.mail_from,
        settings.demo,
    )


def writer(settings: Settings) -> Callable[[Message], Written]:
    """Return the function that writes a message, whose parameters are its template's words."""
    env = _environment()
    shared = {
        "site_url": settings.site_url,
        "operator": settings.operator,
        "contact": settings.contact,
    }

    def write(message: Message) -> Written:
        try:
            if message.by_phone:
                text = env.get_template(f"texts/{message.kind.value}.txt")
                return Written("", plain_text(text.render(**shared, **message.params)))
            page = env.get_template(f"emails/{message.kind.value}.txt")
            subject, text = _split(page.render(**shared, **message.params))
            signed = env.get_template("emails/_layout.txt").render(text=text, **shared)
        except (TemplateError, TypeError, ValueError) as error:
            raise Unwritable(f"Message « {message.kind.value} » : {error}") from error
        return Written(subject, signed)

    return write


def plain_text(text: str) -> str:
    """The text in the letters that an SMS carries: any other would halve what it may hold."""
    text = " ".join(text.translate(SIMPLER).split())
    return "".join(c if c in LETTERS else _bare(c) for c in text)


def _bare(letter: str) -> str:
    """A letter without its accent: « ê » is « e »."""
    return "".join(c for c in unicodedata.normalize("NFKD", letter) if c in LETTERS)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    # Plain text: nothing to escape. A missing parameter is an error, never a hole in a sentence.
    env = Environment(  # noqa: S701
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[FrenchTypography],
        finalize=french_value,
    )
    for name in DATES:
        env.filters[name] = _reading_dates(getattr(format, name))
    for name in OTHERS:
        env.filters[name] = getattr(format, name)
    return env


def _reading_dates(written: Callable[..., str]) -> Callable[..., str]:
    """A filter of web.format that also takes a date as the outbox keeps it, in ISO."""

    def read(when: str | date | datetime, **options: Any) -> str:
        return written(_date(when) if isinstance(when, str) else when, **options)

    return read


def _date(text: str) -> date | datetime:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def _split(page: str) -> tuple[str, str]:
    found = _SUBJECT.fullmatch(page)
    if found is None:
        raise ValueError("la première ligne doit être « Objet : … »")
    return found["subject"].strip(), _BLANKS.sub("\n\n", found["text"]).strip()
