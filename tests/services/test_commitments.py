"""What hosts promised, against what they posted and whom they welcomed."""

import itertools
from collections import Counter
from datetime import UTC, date, datetime

import pytest

from models import (
    Commitment,
    Family,
    HostKind,
    Label,
    Network,
    OfferKind,
    OfferState,
    Origin,
    PathwayStep,
    Placement,
    SchoolClass,
)
from tests import factories as make
from web.services.commitments import (
    Entry,
    add_commitment,
    change_commitment,
    host_statement,
    remove_commitment,
    territory_statement,
)
from web.services.errors import Gone, Refused
from web.services.statement_counts import told_pupils

NOW = datetime(2026, 9, 20, 8, tzinfo=UTC)


def entry(network=Network.FACE, *, places=4, weeks=2, season=make.SEASON, **promised):
    return Entry(network, season, date(2026, 6, 18), places, weeks, promised, {})


class Scene:
    """Two hosts and two schools; the first host has a common limit of three over two weeks."""

    def __init__(self, session):
        self.where = make.territory(session)
        self.season = make.campaign(session, self.where)
        weeks = make.weeks_of(session, self.season)
        self.wood = make.host(session, self.where, name="Menuiserie")
        self.town = make.host(session, self.where, name="Mairie")
        self.offer = make.offer(
            session, self.season, self.wood, {weeks[0]: 2, weeks[1]: 2}, total_seats=3
        )
        make.offer(session, self.season, self.wood, {weeks[0]: 9}, state=OfferState.SUBMITTED)
        other = make.offer(session, self.season, self.town, {weeks[2]: 5})
        priority = make.school(session, self.where)
        plain = make.school(session, self.where, Label.NONE, name="Collège Simone-Veil")
        first = make.school_class(session, self.season, priority, weeks)
        second = make.school_class(session, self.season, plain, weeks)
        numbers = itertools.count()
        for klass, offer, origin in (
            (first, self.offer, Origin.RUN),
            (second, self.offer, Origin.HAND),
            (second, self.offer, Origin.FAMILY),
            (first, other, Origin.RUN),
        ):
            session.add(
                Placement(
                    campaign_id=self.season.id,
                    round=self.season.rounds[0],
                    pupil=make.pupil(session, klass, f"Élève{next(numbers)}"),
                    offer_week=offer.weeks[0],
                    origin=origin,
                    created_at=NOW,
                )
            )
        self.face = make.animator(session, self.where, network=Network.FACE)
        self.cite = make.animator(session, self.where, network=Network.CITE)
        session.commit()


@pytest.fixture
def scene(session):
    return Scene(session)


def test_a_host_is_counted_as_it_posted_and_welcomed(session, scene):
    facts = host_statement(session, scene.wood.id, make.SEASON).total
    assert (facts.places, len(facts.weeks)) == (3, 2)  # the common limit, not four seats
    assert facts.labels == Counter({Label.REP_PLUS: 1, Label.NONE: 1})  # no family find
    assert (facts.pupils, facts.priority) == (2, 1)
    assert facts.offered == Counter({scene.offer.family: 3})
    assert isinstance(scene.offer.family, Family)


def test_a_territory_adds_its_hosts_and_says_how_many_did_not_sign(session, scene):
    add_commitment(session, scene.face, scene.wood.id, entry(places=5, talk=2), now=NOW)
    everyone = territory_statement(session, scene.where.id, make.SEASON)
    assert (everyone.places, everyone.total.places, everyone.others) == (5, 8, 1)
    assert everyone.total.pupils == 3
    [line] = everyone.lines
    assert (line.host.name, line.places, line.missing) == ("Menuiserie", 5, 2)
    [(action, promised, done)] = everyone.actions()
    assert (action.value, promised, done) == ("talk", 2, 0)
    told = told_pupils(everyone)  # fewer than five: not told
    assert {told["territory", name] for name, _ in everyone.schools()} == {"moins de 5"}
    assert told["host", str(scene.wood.id), "pupils"] == "moins de 5"
    face = territory_statement(session, scene.where.id, make.SEASON, Network.FACE)
    assert face.total.places == 3
    assert territory_statement(session, scene.where.id, make.SEASON, Network.CITE).lines == ()


def test_a_network_writes_its_own_commitments_only(session, scene):
    made = add_commitment(session, scene.face, scene.wood.id, entry(), now=NOW)
    with pytest.raises(Refused, match="autre réseau"):
        add_commitment(session, scene.cite, scene.town.id, entry(), now=NOW)
    with pytest.raises(Refused, match="autre réseau"):
        remove_commitment(session, scene.cite, made.id, now=NOW)
    elsewhere = make.animator(session, make.territory(session, "85"))
    with pytest.raises(Gone):
        remove_commitment(session, elsewhere, made.id, now=NOW)
    remove_commitment(session, scene.face, made.id, now=NOW)
    assert session.query(Commitment).count() == 0


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (entry(places=0, weeks=0), "au moins une place"),
        (entry(season=2019), "saison"),
    ],
)
def test_an_empty_or_impossible_promise_is_refused(session, scene, wrong, said):
    with pytest.raises(Refused, match=said):
        add_commitment(session, scene.face, scene.wood.id, wrong, now=NOW)


def test_the_same_promise_is_written_once(session, scene):
    add_commitment(session, scene.face, scene.wood.id, entry(), now=NOW)
    with pytest.raises(Refused, match="déjà un engagement"):
        add_commitment(session, scene.face, scene.wood.id, entry(), now=NOW)


def test_two_people_never_overwrite_each_other(session, scene):
    made = add_commitment(session, scene.face, scene.wood.id, entry(), now=NOW)
    seen, later = made.saved_at.isoformat(), NOW.replace(hour=9)
    known = {"host_id": scene.wood.id, "seen": seen, "now": later}
    change_commitment(session, scene.face, made.id, entry(places=6), **known)
    with pytest.raises(Refused, match="pendant que vous"):
        change_commitment(session, scene.face, made.id, entry(places=9), **known)
    session.rollback()
    assert made.places == 6


def test_a_state_service_can_sign_too(session, scene):
    scene.town.kind = HostKind.STATE
    session.commit()
    assert add_commitment(session, scene.cite, scene.town.id, entry(Network.CITE), now=NOW).id


def test_a_parcours_counts_once_in_all_and_once_at_each_of_its_hosts(session, scene):
    halves = [
        make.offer(
            session,
            scene.season,
            host,
            {scene.offer.weeks[0].week: 2},
            kind=OfferKind.HALF_DAYS,
        )
        for host in (scene.wood, scene.town)
    ]
    week = scene.offer.weeks[0].week
    parcours = make.offer(session, scene.season, scene.wood, {week: 2}, kind=OfferKind.PATHWAY)
    for weekday, one in enumerate(halves):
        session.add(
            PathwayStep(
                offer_id=parcours.id, offer_week_id=one.weeks[0].id, weekday=weekday, half=0
            )
        )
    pupil = make.pupil(session, session.query(SchoolClass).first(), "Nadia")
    session.add(
        Placement(
            campaign_id=scene.season.id,
            round=scene.season.rounds[0],
            pupil=pupil,
            offer_week=parcours.weeks[0],
            origin=Origin.RUN,
            created_at=NOW,
        )
    )
    session.commit()
    assert host_statement(session, scene.wood.id, make.SEASON).total.pupils == 3
    assert host_statement(session, scene.town.id, make.SEASON).total.pupils == 2
    everyone = territory_statement(session, scene.where.id, make.SEASON).total
    assert (everyone.pupils, everyone.places) == (4, 3 + 5 + 4)
