import math
import random
from datetime import timedelta

import pytest
from sqlalchemy import event

from models import (
    Family,
    HostKind,
    Label,
    OfferState,
    RoundState,
    Sector,
    open_offers,
    pupil_for_wishes,
)
from tests import factories as f
from tests.factories import WISHES_CLOSE
from tests.factories import WISHES_TIME as NOW
from web.services.catalogue import (
    Filters,
    catalogue,
    demand_level,
    demand_shown,
    offer_for,
    open_weeks,
    places_for,
    plain,
    refresh_demand,
)
from web.services.errors import Gone
from web.services.reach import reachable


@pytest.fixture
def world(session):
    """Lina, away in the first two of three weeks, and somewhere to add hosts."""

    class World:
        territory = f.territory(session)
        campaign = f.campaign(session, territory)
        weeks = f.weeks_of(session, campaign)
        school = f.school(session, territory)
        klass = f.school_class(session, campaign, school, weeks[:2])
        pupil = f.pupil(session, klass)

        @classmethod
        def offer(cls, title="Découvrir une menuiserie", *, seats=None, km=2, **fields):
            kind = fields.pop("kind", HostKind.COMPANY)
            host = f.host(session, cls.territory, "Chez Anne Le Goff", kind)
            host.sites[0].lat = cls.school.lat + km / 111.19
            host.sites[0].lon = cls.school.lon
            return f.offer(session, cls.campaign, host, seats or {cls.weeks[0]: 2}, title, **fields)

    return World


def titles(session, world, **filters):
    return [p.title for p in catalogue(session, world.pupil, Filters(**filters)).shown]


def test_only_what_her_weeks_seats_and_approval_allow(session, world):
    world.offer("Possible")
    world.offer("Autre semaine", seats={world.weeks[2]: 3})
    world.offer("Sans place", seats={world.weeks[0]: 0})
    world.offer("À relire", state=OfferState.SUBMITTED)
    assert titles(session, world) == ["Possible"]


def test_seats_kept_for_priority_schools_are_theirs_alone(session, world):
    first, second = world.weeks[:2]
    all_kept = world.offer("Toutes gardées", seats={first: 2}, reserved_seats=2)
    some = world.offer("Une gardée", seats={first: 3, second: 1}, reserved_seats=1, km=3)
    school = f.school(session, world.territory, Label.NONE)
    other = f.pupil(session, f.school_class(session, world.campaign, school, world.weeks[:2]))
    session.flush()
    hers = {place.offer_id: place for place in places_for(session, world.pupil)}
    assert {(n, place.open_seats, place.kept) for n, place in hers.items()} == {
        (all_kept.id, 2, 2),
        (some.id, 4, 1),
    }
    [theirs] = places_for(session, other)
    assert (theirs.offer_id, theirs.seats, theirs.kept) == (some.id, {first.id: 2}, 0)
    assert [w.week_id for w in open_weeks(session, other, some)] == [first.id]
    with pytest.raises(Gone):
        offer_for(session, other, all_kept.id)
    all_kept.reserve_until = WISHES_CLOSE.date() - timedelta(days=1)
    session.flush()
    assert len(places_for(session, other)) == 2
    assert offer_for(session, other, all_kept.id) is all_kept


def test_the_catalogue_and_the_freeze_reach_the_same_offers(session, world):
    draw = random.Random(7)  # noqa: S311
    for number in range(60):
        weeks = draw.sample(world.weeks, draw.randint(1, 3))
        seats = {w: draw.randint(0, 2) for w in weeks}
        world.offer(
            str(number), seats=seats, state=draw.choice([OfferState.OPEN, OfferState.DRAFT])
        )
    session.expire_all()
    offers = session.scalars(open_offers(world.campaign.id)).all()
    wanted = {offer.id for offer in reachable(world.pupil, offers)}
    assert {p.offer_id for p in places_for(session, world.pupil)} == wanted


def test_nearest_first_or_by_title(session, world):
    world.offer("Zoo", km=1)
    world.offer("Éole", km=9)
    world.offer("Bois", km=4)
    assert titles(session, world) == ["Zoo", "Bois", "Éole"]
    assert titles(session, world, by_title=True) == ["Bois", "Éole", "Zoo"]


@pytest.mark.parametrize("words", ["menuiserie", "MENUISERIE découvrir", "decouvrir le goff"])
def test_words_are_found_without_accents_in_title_host_and_place(session, world, words):
    world.offer()
    world.offer("Au théâtre", sector=Sector.PERFORMING_ARTS, description="Les décors.")
    found = titles(session, world, words=words)
    assert found[0] == "Découvrir une menuiserie"


def test_filters_add_up(session, world):
    world.offer("Près", km=3, sector=Sector.WOOD)
    world.offer("Loin", km=20, sector=Sector.WOOD)
    world.offer("Préfecture", km=3, kind=HostKind.STATE, sector=Sector.PUBLIC_SERVICE)
    world.offer("Plus tard", seats={world.weeks[1]: 1}, sector=Sector.WOOD)
    assert titles(session, world, km=5, family=Family.LIVING, week_id=world.weeks[0].id) == ["Près"]
    assert titles(session, world, state_only=True) == ["Préfecture"]


def test_when_nothing_fits_the_nearest_are_apart(session, world):
    world.offer("Menuiserie lointaine", km=40)
    world.offer("Boulangerie", km=1, description="Du pain.")
    found = catalogue(session, world.pupil, Filters(words="menuiserie", km=5, state_only=True))
    assert (found.found, found.shown) == (0, [])
    assert [p.title for p in found.near] == ["Boulangerie", "Menuiserie lointaine"]
    assert catalogue(session, world.pupil, Filters(words="xylophone")).near == []


def test_thirty_a_page_and_no_page_outside(session, world):
    for number in range(31):
        world.offer(f"Offre {number}", km=number + 1)
    second = catalogue(session, world.pupil, Filters(), page=2)
    assert (second.possible, second.found, second.pages) == (31, 31, 2)
    assert [p.title for p in second.shown] == ["Offre 30"]
    assert catalogue(session, world.pupil, Filters(), page=99).page == 2
    assert catalogue(session, world.pupil, Filters(), page=-3).page == 1


def test_seats_are_hers_and_within_the_total(session, world):
    seats = {world.weeks[0]: 3, world.weeks[1]: 3, world.weeks[2]: 9}
    world.offer(seats=seats, total_seats=4)
    [place] = places_for(session, world.pupil)
    assert place.open_seats == 4


def test_an_offer_out_of_reach_is_gone(session, world):
    there = world.offer()
    other_week = world.offer(seats={world.weeks[2]: 3})
    assert offer_for(session, world.pupil, there.id) is there
    for offer_id in (other_week.id, 999_999):
        with pytest.raises(Gone):
            offer_for(session, world.pupil, offer_id)


def test_another_campaigns_offer_is_gone(session, world):
    other = f.campaign(session, f.territory(session, "85"))
    host = f.host(session, other.territory)
    foreign = f.offer(session, other, host, {f.weeks_of(session, other)[0]: 2})
    with pytest.raises(Gone):
        offer_for(session, world.pupil, foreign.id)


@pytest.mark.parametrize(
    ("wishes", "seats", "level"),
    [(0, 2, 1), (4, 1, 1), (5, 1, 3), (14, 20, 1), (15, 20, 2), (29, 20, 2), (30, 20, 3)],
)
def test_three_words_compare_with_the_mean_and_hide_small_counts(wishes, seats, level):
    assert demand_level(wishes, seats, 1.0) == level


def test_demand_moves_once_a_day_only(session, world):
    wanted, other = world.offer(seats={world.weeks[0]: 1}), world.offer(seats={world.weeks[0]: 9})
    for number in range(6):
        f.wishes(session, f.pupil(session, world.klass, f"Élève {number}"), wanted)
    assert refresh_demand(session, now=NOW) == 2
    assert (wanted.demand, other.demand) == (3, 1)
    for number in range(30):
        f.wishes(session, f.pupil(session, world.klass, f"Autre {number}"), other)
    assert {p.demand for p in places_for(session, world.pupil)} == {3, 1}
    assert other.demand == 1


def test_before_the_first_wish_nothing_is_said_of_demand(session, world):
    offer = world.offer()
    assert refresh_demand(session, now=NOW) == 0
    assert offer.demand is None


def test_no_word_of_demand_in_the_last_48_hours_nor_outside_the_wishes(world):
    [round_] = world.campaign.rounds
    edge = WISHES_CLOSE - timedelta(hours=48)
    assert demand_shown(round_, edge - timedelta(seconds=1))
    assert not demand_shown(round_, edge)
    round_.state = RoundState.WISHES_CLOSED
    assert not demand_shown(round_, NOW)


def test_distances_are_straight_lines(session, world):
    world.offer(km=12)
    [place] = places_for(session, world.pupil)
    assert math.isclose(place.metres, 12_000, rel_tol=0.01)


def test_ligatures_and_apostrophes_do_not_hide_a_word():
    assert plain("Cœur de l’État, bœuf ÀÇÉ") == "coeur de l'etat, boeuf ace"


def test_a_thousand_offers_take_three_queries(session, world):
    hosts = [f.host(session, world.territory, f"Structure {n}") for n in range(50)]
    for number in range(1000):
        seats = {world.weeks[0]: 1, world.weeks[1]: 2}
        f.offer(session, world.campaign, hosts[number % 50], seats, f"Offre {number}")
    session.commit()
    pupil = session.scalars(pupil_for_wishes(world.pupil.id)).one()
    queries = []

    def count(_connection, _cursor, statement, *_):
        queries.append(statement)

    bind = session.get_bind()
    event.listen(bind, "before_cursor_execute", count)
    found = catalogue(session, pupil, Filters(words="offre 9"))
    event.remove(bind, "before_cursor_execute", count)
    assert found.possible == 1000
    assert len([query for query in queries if query.startswith("SELECT")]) == 3, (
        "the offers, where parcours stop, and whether a later round is under way"
    )
