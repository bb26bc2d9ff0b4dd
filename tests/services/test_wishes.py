from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from models import Event, Family, Message, MessageKind, OfferState, RoundState, Sector
from tests import factories as f
from tests.factories import WISHES_CLOSE, WISHES_OPEN
from tests.factories import WISHES_TIME as NOW
from web.services.errors import Gone, Refused
from web.services.limits import Room, room_of
from web.services.wish_list import wish_list
from web.services.wishes import (
    Screen,
    Stale,
    add_wish,
    closed_reason,
    confirm_wishes,
    move_wish,
    remove_wish,
    replace_wishes,
    set_limits,
)

SECOND = timedelta(seconds=1)


class World:
    """Lina, twelve offers of her week (one a kilometre), and three wishes."""

    def __init__(self, session):
        self.session = session
        where = f.territory(session)
        self.campaign = f.campaign(session, where)
        [self.round] = self.campaign.rounds
        self.weeks = f.weeks_of(session, self.campaign)
        self.school = f.school(session, where)
        self.klass = f.school_class(session, self.campaign, self.school, self.weeks[:1])
        self.guardian = f.guardian(session)
        self.pupil = f.pupil(session, self.klass, guardian=self.guardian)
        self.offers = [self.offer(number) for number in range(12)]
        f.wishes(session, self.pupil, *self.offers[:3])
        self.member = f.pupil_member(session, self.pupil)
        session.commit()

    def offer(self, number, **fields):
        host = f.host(self.session, self.campaign.territory)
        host.sites[0].lat = self.school.lat + (number + 1) / 111.19
        host.sites[0].lon = self.school.lon
        seats = fields.pop("seats", {self.weeks[0]: 2})
        return f.offer(self.session, self.campaign, host, seats, f"Offre {number}", **fields)

    @property
    def ids(self):
        return [offer.id for offer in self.offers]

    @property
    def by(self):
        return self.member.account_id

    def titles(self):
        self.session.expire_all()
        return [int(wish.offer.title.split()[1]) for wish in self.pupil.wishes]

    def screen(self):
        return Screen(self.pupil.wishes_version, tuple(wish.offer_id for wish in self.pupil.wishes))

    def add(self, number, now=NOW, **options):
        offer_id = self.offers[number].id
        return add_wish(self.session, self.pupil.id, offer_id, by=self.by, now=now, **options)

    def move(self, number, rank, screen=None, now=NOW):
        offer_id, screen = self.offers[number].id, screen or self.screen()
        return move_wish(
            self.session, self.pupil.id, offer_id, rank, screen=screen, by=self.by, now=now
        )

    def remove(self, number, screen=None):
        offer_id, screen = self.offers[number].id, screen or self.screen()
        return remove_wish(
            self.session, self.pupil.id, offer_id, screen=screen, by=self.by, now=NOW
        )

    def replace(self, numbers, version=None):
        version = self.pupil.wishes_version if version is None else version
        ids = [self.offers[number].id for number in numbers]
        return replace_wishes(
            self.session, self.pupil.id, ids, version=version, by=self.by, now=NOW
        )

    def limit(self, km, refused=(), version=None):
        return set_limits(
            self.session,
            self.pupil.id,
            limit_km=km,
            refused_families=refused,
            version=self.pupil.wishes_version if version is None else version,
            by=self.by,
            now=NOW,
        )

    def confirm(self, version=None, now=NOW):
        version = self.pupil.wishes_version if version is None else version
        return confirm_wishes(self.session, self.pupil.id, version=version, by=self.by, now=now)


@pytest.fixture
def world(session):
    return World(session)


def test_a_wish_goes_to_the_end_or_where_she_says(world):
    world.add(5)
    world.add(6, rank=1, screen=world.screen())
    assert world.titles() == [6, 0, 1, 2, 5]
    assert [wish.rank for wish in world.pupil.wishes] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("number", "rank", "after"),
    [(0, 2, [1, 0, 2]), (2, 1, [2, 0, 1]), (0, 99, [1, 2, 0]), (0, -5, [0, 1, 2])],
)
def test_a_wish_moves_and_stops_at_the_ends(world, number, rank, after):
    world.move(number, rank)
    assert world.titles() == after


def test_removing_closes_the_gap(world):
    world.remove(1)
    assert world.titles() == [0, 2]
    assert [wish.rank for wish in world.pupil.wishes] == [1, 2]


def test_each_change_is_saved_dated_and_in_the_journal(session, world):
    world.add(5)
    assert (world.pupil.wishes_version, world.pupil.wishes_saved_at) == (1, NOW)
    [event] = session.query(Event)
    assert (event.kind, event.subject, event.actor_id) == (
        "wishes.changed",
        f"pupil:{world.pupil.id}",
        world.by,
    )
    assert event.details == {"offers": [*world.ids[:3], world.ids[5]]}


def test_a_double_wish_is_refused_and_says_where_it_is(world):
    with pytest.raises(Refused, match=r"déjà le vœu 2 de la liste"):
        world.add(1)
    with pytest.raises(Refused, match="deux fois"):
        world.replace([1, 1])
    assert world.titles() == [0, 1, 2]


def test_ten_wishes_and_no_more(world):
    for number in range(3, 10):
        world.add(number)
    with pytest.raises(Refused, match="déjà 10 vœux"):
        world.add(10)
    with pytest.raises(Refused, match="déjà 10 vœux"):
        world.replace(range(11))
    assert world.titles() == list(range(10))


def test_an_offer_she_cannot_have_is_gone(session, world):
    late = world.offer(12, seats={world.weeks[2]: 1})
    draft = world.offer(13, state=OfferState.DRAFT)
    for offer_id in (late.id, draft.id, 999_999):
        with pytest.raises(Gone):
            add_wish(session, world.pupil.id, offer_id, by=world.by, now=NOW)


def test_a_withdrawn_wish_stays_until_she_removes_it(session, world):
    world.offers[1].state = OfferState.WITHDRAWN
    session.commit()
    world.move(2, 1)
    assert world.titles() == [2, 0, 1]
    listed = wish_list(session, world.pupil, viewer=world.by, now=NOW)
    assert [line.possible for line in listed.lines] == [True, True, False]


@pytest.mark.parametrize("late", [timedelta(0), SECOND, timedelta(days=30)])
def test_the_deadline_is_kept_to_the_second(world, late):
    world.add(5, now=WISHES_CLOSE - SECOND)
    for act in (
        lambda: world.add(6, now=WISHES_CLOSE + late),
        lambda: world.move(0, 2, now=WISHES_CLOSE + late),
        lambda: world.confirm(now=WISHES_CLOSE + late),
    ):
        with pytest.raises(Refused, match=r"clos depuis le vendredi 16.octobre 2026 à 18.h"):
            act()
    assert world.titles() == [0, 1, 2, 5]


def test_a_round_closed_by_hand_refuses_before_its_hour(session, world):
    world.round.state = RoundState.WISHES_CLOSED
    session.commit()
    with pytest.raises(Refused, match="clos"):
        world.add(5)


def test_before_the_opening_the_page_says_when(session, world):
    with pytest.raises(Refused, match=r"ouvrent le lundi 5.octobre 2026 à 8.h"):
        world.add(5, now=WISHES_OPEN - SECOND)
    world.add(5, now=WISHES_OPEN)
    world.round.state = RoundState.PLANNED
    assert "ouvrent" in closed_reason(world.round, NOW)


def test_a_stale_tab_is_refused_with_the_list_it_wanted(world):
    old = world.screen()
    world.move(0, 3)
    with pytest.raises(Stale) as stale:
        world.move(2, 1, screen=old)
    assert stale.value.wanted == [world.ids[2], world.ids[0], world.ids[1]]
    assert world.titles() == [1, 2, 0]
    with pytest.raises(Stale):
        world.remove(1, screen=old)
    with pytest.raises(Stale):
        world.add(6, rank=1, screen=old)


def test_she_chooses_between_the_two_lists(world):
    old = world.screen()
    world.move(0, 3)
    with pytest.raises(Stale) as stale:
        world.remove(1, screen=old)
    world.replace([world.ids.index(offer_id) for offer_id in stale.value.wanted])
    assert world.titles() == [0, 2]


def test_adding_at_the_end_from_an_old_tab_loses_nothing(world):
    world.move(0, 3)
    world.add(5)
    assert world.titles() == [1, 2, 0, 5]


@pytest.mark.parametrize("act", ["move", "remove"])
def test_a_second_click_changes_nothing_more(world, act):
    old = world.screen()
    for _ in range(2):
        world.move(0, 2, screen=old) if act == "move" else world.remove(0, screen=old)
    assert world.titles() == ([1, 0, 2] if act == "move" else [1, 2])
    assert world.pupil.wishes_version == 1


def test_a_change_asks_for_a_new_confirmation(world):
    world.confirm()
    assert world.pupil.wishes_confirmed_at == NOW
    world.add(5)
    assert world.pupil.wishes_confirmed_at is None


def test_confirming_sends_one_receipt_to_each_of_the_family_with_a_mail(session, world):
    world.pupil.guardians.append(f.guardian(session, "Karim", None))
    session.commit()
    world.confirm()
    world.confirm()
    message, _ = messages = session.query(Message).all()
    assert {one.recipient for one in messages} == {"samira@example.org", world.member.account.email}
    assert message.kind is MessageKind.WISHES_CONFIRMED
    assert [wish["title"] for wish in message.params["wishes"]] == ["Offre 0", "Offre 1", "Offre 2"]


def test_a_second_version_gets_a_second_receipt(session, world):
    world.confirm()
    world.add(5)
    world.confirm()
    assert session.query(Message).filter_by(recipient="samira@example.org").count() == 2


def test_an_empty_or_stale_list_is_not_confirmed(world):
    with pytest.raises(Stale):
        world.confirm(version=7)
    world.replace([])
    with pytest.raises(Refused, match="au moins un vœu"):
        world.confirm()


def test_limits_are_kept_and_counted(session, world):
    world.limit(15, [Family.TRADING])
    assert (world.pupil.limit_km, world.pupil.refused_families) == (15, ["trading"])
    assert room_of(session, world.pupil, world.campaign) == Room(have=9, need=8, best=9)


def test_narrow_limits_are_refused_with_the_wider_ones(world):
    with pytest.raises(Refused) as refused:
        world.limit(5)
    assert refused.value.field == "limit_km"
    assert "2 places possibles : il en faut au moins 8" in str(refused.value).replace("\xa0", " ")
    assert "Jusqu’à 15 km, il y en a 9." in str(refused.value)
    assert world.pupil.limit_km is None


def test_refusing_the_families_of_all_offers_says_so(world):
    with pytest.raises(Refused, match=r"Sans refuser de famille de métiers, jusqu’à 15 km"):
        world.limit(15, list(Family))


def test_where_few_places_exist_limits_may_not_take_any(session, world):
    for offer in world.offers[7:]:
        offer.state = OfferState.WITHDRAWN
    session.commit()
    world.limit(10)
    with pytest.raises(Refused, match=r"il en faut au moins 4"):
        world.limit(5)


def test_a_distance_outside_the_list_and_a_stale_tab_are_refused(world):
    with pytest.raises(Refused, match="n’est pas dans la liste"):
        world.limit(14)
    world.add(5)
    with pytest.raises(Stale):
        world.limit(15, version=0)


def test_only_other_places_count_as_completions(session, world):
    world.offers[11].sector = Sector.COMPUTING
    world.pupil.refused_families = [Family.DIGITAL.value]
    session.commit()
    assert room_of(session, world.pupil, world.campaign).have == 8


def test_the_list_says_who_else_saved_it(session, world):
    member = f.member(session, f.Role.GUARDIAN, guardian=world.guardian, name="Samira Bernard")
    add_wish(session, world.pupil.id, world.ids[5], by=member.account_id, now=NOW)

    def seen_by(account_id):
        return wish_list(session, world.pupil, viewer=account_id, now=NOW).saved_by

    assert seen_by(world.by) == "Samira Bernard"
    assert seen_by(member.account_id) is None


def test_people_who_add_at_the_same_moment_lose_nothing(sessions, world):
    pupil_id, by, ids = world.pupil.id, world.by, world.ids
    world.session.rollback()

    def add(offer_id):
        with sessions.writing() as own:
            add_wish(own, pupil_id, offer_id, by=by, now=NOW)

    with ThreadPoolExecutor(4) as people:
        list(people.map(add, ids[3:10]))
    assert sorted(world.titles()) == list(range(10))
    assert [wish.rank for wish in world.pupil.wishes] == list(range(1, 11))
