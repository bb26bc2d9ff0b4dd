"""Reading the journal, noting who read a pupil's file, and forgetting after a year."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from models import (
    Event,
    count_journal,
    events_to_forget,
    journal_actors,
    journal_lines,
    names_of_pupils,
    seen_since,
)
from web.format import paris
from web.services.exports import BOM, harmless
from web.services.journal import record
from web.services.journal_words import said

KEPT_FOR = timedelta(days=365)
ALWAYS = ("pupils.forgotten", "proof.erased")
"""Marks of what was erased: they hold no person, and tell the purge what is done."""
PER_PAGE = 50
MOST_EXPORTED = 20_000
AGAIN = timedelta(hours=1)
"""Within it, the same person reading the same file again is one line."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader of the journal looks for; `until` is not included."""

    actor_id: int | None = None
    family: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it is read."""

    at: datetime
    who: str
    what: str
    about: str
    pupil_id: int | None = None


@dataclass(frozen=True)
class Journal:
    """One page of the journal."""

    lines: tuple[Line, ...]
    count: int
    page: int
    actors: tuple[tuple[int, str], ...]

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.count // PER_PAGE))


def journal(session: Session, territory_id: int, asked: Asked, page: int = 1) -> Journal:
    """A page of what the staff of a territory saw and did, in four queries."""
    found = filters_of(asked)
    count = session.scalars(count_journal(territory_id, **found)).one()
    page = min(max(page, 1), max(1, -(-count // PER_PAGE)))
    lines = journal_lines(territory_id, **found).limit(PER_PAGE).offset(PER_PAGE * (page - 1))
    return Journal(
        tuple(_lines(session, territory_id, session.execute(lines).all())),
        count,
        page,
        tuple((one, name) for one, name in session.execute(journal_actors(territory_id))),
    )


def journal_csv(session: Session, territory_id: int, asked: Asked) -> bytes:
    """The same as a file, the latest lines first, twenty thousand at most."""
    query = journal_lines(territory_id, **filters_of(asked)).limit(MOST_EXPORTED)
    text = io.StringIO(BOM, newline="")
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(("quand", "qui", "quoi", "sur"))
    for line in _lines(session, territory_id, session.execute(query).all()):
        moment = f"{paris(line.at):%Y-%m-%d %H:%M:%S}"
        writer.writerow([harmless(cell) for cell in (moment, line.who, line.what, line.about)])
    return text.getvalue().encode()


def note_seen(session: Session, account_id: int, pupil_id: int, *, now: datetime) -> None:
    """Note that somebody of a staff read a pupil's file: once an hour, no content."""
    subject = f"pupil:{pupil_id}"
    recent = seen_since(subject, "pupil.seen", account_id, now - AGAIN)
    if not session.scalars(recent).one():
        record(session, "pupil.seen", subject, by=account_id, now=now)
    session.commit()


def note_export(session: Session, account_id: int, name: str, *, now: datetime) -> None:
    """Note that somebody took a list of names away."""
    record(session, "list.exported", f"list:{name}", by=account_id, now=now)
    session.commit()


def forget_journal(session: Session, *, now: datetime) -> None:
    """Forget the lines older than a year; safe to repeat."""
    session.execute(events_to_forget(now - KEPT_FOR, ALWAYS))
    session.commit()


def filters_of(asked: Asked) -> dict[str, Any]:
    """The filters, as the queries take them."""
    return {
        "actor_id": asked.actor_id,
        "family": asked.family,
        "since": asked.since,
        "until": asked.until,
    }


def _lines(session: Session, territory_id: int, rows: Sequence[tuple[Event, str]]) -> list[Line]:
    pupils = {number for event, _ in rows if (number := _number(event.subject, "pupil"))}
    names = {
        number: f"{first} {last}"
        for number, first, last in session.execute(names_of_pupils(pupils, territory_id))
    }
    return [_line(event, who, names) for event, who in rows]


def _line(event: Event, who: str, names: dict[int, str]) -> Line:
    pupil = _number(event.subject, "pupil")
    known = names.get(pupil or 0)
    about = known or _thing(event.subject)
    return Line(event.at, who, said(event.kind), about, pupil if known else None)


def _number(subject: str, kind: str) -> int | None:
    name, _, number = subject.partition(":")
    return int(number) if name == kind and number.isdecimal() else None


THINGS = {
    "pupil": "élève",
    "offer": "offre",
    "round": "tour",
    "run": "calcul",
    "campaign": "campagne",
    "school": "collège",
    "class": "classe",
    "account": "compte",
    "membership": "rôle",
    "host": "structure",
    "site": "établissement",
    "guardian": "responsable",
    "objection": "demande",
    "commitment": "engagement",
    "prospect": "structure à contacter",
    "territory": "département",
    "week": "semaine",
    "api_key": "clé",
    "import": "import",
    "list": "",
}


def _thing(subject: str) -> str:
    """« offre 12 »: a thing without its name, which may be gone."""
    name, _, number = subject.partition(":")
    return f"{THINGS.get(name, name)} {number}".strip()
