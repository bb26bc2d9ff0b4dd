"""Where places lack, and the structures that are asked for some."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from models import Campaign, Label, Message, Prospect, ProspectSource, ProspectState, Sector
from tests import factories as make
from web.services.errors import Gone, Refused
from web.services.gaps import gaps
from web.services.prospects import (
    Entry,
    add_prospects,
    decline_invitations,
    forget_prospects,
    invite_prospect,
    prospect_of_link,
    prospects,
)

NOW = datetime(2026, 9, 20, 8, tzinfo=UTC)
FAR = (47.72, -1.38)
"""Châteaubriant, beyond the fifteen kilometres of the schools of Nantes."""


class Two:
    """A REP+ school with six pupils in weeks 0 and 1, another with three in week 0.

    Four places in week 0, one of two over weeks 0 and 1, and nine too far away.
    """

    def __init__(self, session):
        self.where = make.territory(session)
        self.campaign = make.campaign(session, self.where)
        weeks = self.weeks = make.weeks_of(session, self.campaign)
        host = make.host(session, self.where)
        self.wood = make.offer(session, self.campaign, host, {weeks[0]: 4})
        make.offer(session, self.campaign, host, {weeks[0]: 2, weeks[1]: 2}, total_seats=2)
        away = make.host(session, self.where, name="Loin")
        away.sites[0].lat, away.sites[0].lon = FAR
        make.offer(session, self.campaign, away, {weeks[0]: 9})
        self.rep_plus = make.school(session, self.where)
        self.other = make.school(session, self.where, Label.NONE, name="Collège Simone-Veil")
        first = make.school_class(session, self.campaign, self.rep_plus, weeks[:2])
        second = make.school_class(session, self.campaign, self.other, weeks[:1])
        self.pupils = [
            make.pupil(session, klass, f"Élève{number}")
            for klass, count in ((first, 6), (second, 3))
            for number in range(count)
        ]
        for pupil in self.pupils[:5]:
            make.wishes(session, pupil, self.wood)
        self.animator = make.animator(session, self.where)
        session.commit()


@pytest.fixture
def two(session):
    return Two(session)


def test_what_lacks_is_counted_in_pupils_and_places_are_shared(session, two):
    found = gaps(session, two.campaign, (Label.REP_PLUS,))
    [row] = found.schools
    # Week 0: three of its pupils and three of the other school share six places.
    assert (row.gap.pupils, row.gap.places, row.gap.missing) == (6, 3, 3)
    assert row.week == two.weeks[1]
    assert found.total == row.gap
    assert [gap.missing for _, gap in found.weeks] == [0, 3, 0]
    family, gap = found.families[0]
    assert (family, gap.pupils, gap.places, gap.missing) == (two.wood.family, 5, 3, 2)


def test_who_left_or_holds_a_place_looks_no_more(session, two):
    for pupil in two.pupils[:4]:
        pupil.left_at = NOW
    session.commit()
    everyone = gaps(session, two.campaign, tuple(Label))
    assert [row.gap.pupils for row in everyone.schools] == [2, 3] or everyone.total.pupils == 5


def test_the_gap_asks_as_many_questions_whatever_the_size(session, two):
    few = asked(session, two)
    for number in range(10):
        make.pupil(session, two.pupils[0].school_class, f"Autre{number}")
    session.commit()
    assert asked(session, two) == few <= 12


def asked(session, two):
    """How many questions the gaps ask of the database."""
    session.expire_all()
    seen = []
    engine = session.get_bind()
    note = lambda *a: seen.append(a[2])  # noqa: E731
    event.listen(engine, "before_cursor_execute", note)
    gaps(session, session.get_one(Campaign, two.campaign.id), tuple(Label))
    event.remove(engine, "before_cursor_execute", note)
    return len(seen)


def entry(name="Menuiserie Roy", **fields):
    values = {"commune": "Nantes", "source": ProspectSource.CLUB, "sector": Sector.WOOD}
    return Entry(name=name, **(values | fields))


def test_a_list_is_added_whole_or_not_at_all(session, two):
    lines = [entry(), entry("Garage Noé", commune="Atlantide")]
    with pytest.raises(Refused, match="Ligne 2 : « Atlantide »"):
        add_prospects(session, two.animator, lines, now=NOW)
    session.rollback()
    with pytest.raises(Refused, match="Ligne 2 : « menuiserie roy » est déjà"):
        add_prospects(session, two.animator, [entry(), entry("menuiserie roy")], now=NOW)
    session.rollback()
    assert session.query(Prospect).count() == 0
    assert add_prospects(session, two.animator, [entry(), entry("Garage Noé")], now=NOW) == 2


def test_an_invitation_leaves_once_and_can_be_stopped(session, two):
    add_prospects(session, two.animator, [entry(email="roy@example.org")], now=NOW)
    one = session.query(Prospect).one()
    invite_prospect(session, two.animator, one.id, now=NOW)
    assert one.state is ProspectState.INVITED
    letter = session.query(Message).one()
    assert letter.recipient == "roy@example.org"
    with pytest.raises(Refused, match="moins de deux semaines"):
        invite_prospect(session, two.animator, one.id, now=NOW + timedelta(days=3))
    session.rollback()
    with pytest.raises(Gone):
        prospect_of_link(session, one.id, "0" * 24)
    decline_invitations(session, one.id, letter.params["token"], now=NOW + timedelta(days=4))
    with pytest.raises(Refused, match="ne souhaite pas"):
        invite_prospect(session, two.animator, one.id, now=NOW + timedelta(days=40))


def test_who_registered_is_said_so_and_old_contacts_are_forgotten(session, two):
    lines = [entry(email="atelier@example.org"), entry("Garage Noé")]
    add_prospects(session, two.animator, lines, now=NOW)
    make.host_member(session, make.host(session, two.where), email="atelier@example.org")
    session.commit()
    assert [(row.prospect.name, row.registered) for row in prospects(session, two.where.id)] == [
        ("Garage Noé", False),
        ("Menuiserie Roy", True),
    ]
    forget_prospects(session, now=NOW + timedelta(days=729))
    assert session.query(Prospect).count() == 2
    forget_prospects(session, now=NOW + timedelta(days=731))
    assert session.query(Prospect).count() == 0


def test_nobody_reads_the_list_of_another_department(session, two):
    add_prospects(session, two.animator, [entry(email="roy@example.org")], now=NOW)
    elsewhere = make.animator(session, make.territory(session, "85"))
    with pytest.raises(Gone):
        invite_prospect(session, elsewhere, session.query(Prospect).one().id, now=NOW)
    assert prospects(session, elsewhere.territory_id) == []
