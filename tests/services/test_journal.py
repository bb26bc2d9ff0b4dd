"""Who saw and did what: readable, complete, forgotten after a year."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from models import Event, Role
from tests import factories as make
from tests.factories import WISHES_TIME as NOW
from web.services.journal import record
from web.services.journal_desk import (
    ALWAYS,
    THINGS,
    Asked,
    forget_journal,
    journal,
    journal_csv,
    note_export,
    note_seen,
)
from web.services.journal_words import WORDS

SERVICES = Path(__file__).parent.parent.parent / "web/services"


class Office:
    def __init__(self, session):
        self.where = make.territory(session)
        season = make.campaign(session, self.where)
        school = make.school(session, self.where)
        weeks = make.weeks_of(session, season)
        klass = make.school_class(session, season, school, weeks)
        self.pupil = make.pupil(session, klass, "Lina", "Bernard")
        self.head = make.head(session, school)
        self.head.account.name = "=Mme Roux"
        self.animator = make.animator(session, self.where)
        self.family = make.pupil_member(session, self.pupil)
        session.commit()


@pytest.fixture
def office(session):
    return Office(session)


def test_a_file_read_again_within_the_hour_is_one_line(session, office):
    for minutes in (0, 30, 61):
        moment = NOW + timedelta(minutes=minutes)
        note_seen(session, office.head.account_id, office.pupil.id, now=moment)
    found = journal(session, office.where.id, Asked())
    assert [(line.what, line.about) for line in found.lines] == [
        ("Fiche d’élève lue", "Lina Bernard")
    ] * 2


def test_the_journal_is_of_the_staff_and_of_the_territory(session, office):
    record(session, "wishes.changed", "pupil:1", by=office.family.account_id, now=NOW)
    note_export(session, office.head.account_id, "suivi.csv", now=NOW)
    elsewhere = make.territory(session, "85")
    assert journal(session, elsewhere.id, Asked()).count == 0
    found = journal(session, office.where.id, Asked())
    [line] = found.lines
    assert (line.what, line.about) == ("Liste de noms téléchargée", "suivi.csv")
    assert found.actors == ((office.head.account_id, "=Mme Roux"),)
    assert b"'=Mme Roux" in journal_csv(session, office.where.id, Asked())
    assert office.family.role is Role.PUPIL


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        (Asked(), 60),
        (Asked(family="list"), 60),
        (Asked(family="run"), 0),
        (Asked(actor_id=0), 0),
        (Asked(since=NOW), 60),
        (Asked(until=NOW), 0),
    ],
)
def test_filters_and_pages(session, office, asked, count):
    for _ in range(60):
        record(session, "list.exported", "list:x", by=office.head.account_id, now=NOW)
    session.commit()
    found = journal(session, office.where.id, asked, page=9)
    assert (found.count, found.page) == (count, found.pages)


def test_lines_are_forgotten_after_a_year_but_for_the_marks_of_the_purge(session, office):
    for kind in ("pupil.seen", *ALWAYS):
        record(session, kind, "pupil:1", by=office.head.account_id, now=NOW)
    session.commit()
    forget_journal(session, now=NOW + timedelta(days=364))
    assert session.query(Event).count() == 3
    forget_journal(session, now=NOW + timedelta(days=366))
    assert {event.kind for event in session.query(Event)} == set(ALWAYS)


def test_every_kind_that_the_services_write_has_its_words():
    source = "\n".join(path.read_text() for path in SERVICES.rglob("*.py"))
    written = set(re.findall(r"record\(\s*session,\s*\"([a-z_]+\.[a-z_]+)\"", source))
    written |= set(re.findall(r"^[A-Z_]+ = \"([a-z_]+\.[a-z_]+)\"$", source, re.MULTILINE))
    assert written - WORDS.keys() == set()
    about = set(re.findall(r"record\([^)]*?f\"([a-z_]+):\{", source))
    assert "pupil" in about
    assert about - THINGS.keys() == set()
