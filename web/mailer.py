"""From a row of the outbox to what its recipient reads: templates/emails/<kind>.txt."""

import re
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
from web.services.mail import Office, Unwritable, Written
from web.typography import FrenchTypography, french_value

TEMPLATES = Path(__file__).parent / "templates"
DATES = ("day", "hour", "moment", "week")
OTHERS = ("number", "percent", "km", "season", "plural")

_SUBJECT = re.compile(r"\s*Objet\s*:\s*(?P<subject>[^\n]+)\n+(?P<text>.*)", re.DOTALL)
_BLANKS = re.compile(r"\n{3,}")


def office(settings: Settings) -> Office:
    """How this service writes, signs and sends its mail."""
    return Office(writer(settings), post_at(settings.mail_url), settings.mail_from, settings.demo)


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
            page = env.get_template(f"emails/{message.kind.value}.txt")
            subject, text = _split(page.render(**shared, **message.params))
            signed = env.get_template("emails/_layout.txt").render(text=text, **shared)
        except (TemplateError, TypeError, ValueError) as error:
            raise Unwritable(f"Courriel « {message.kind.value} » : {error}") from error
        return Written(subject, signed)

    return write


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
