"""What the team of a school may do, and what it is refused."""

from datetime import date

import pytest
from sqlalchemy.exc import NoResultFound

from models import Guardian, Membership, Origin, Placement, Pupil, RoundState, SchoolClass, Wish
from tests import factories as make
from tests.factories import WISHES_TIME as NOW
from web.services.access import code_digest
from web.services.errors import Refused
from web.services.follow_up import Status, follow_up, matching_pupils
from web.services.schools import (
    AlreadyThere,
    GuardianEntry,
    PupilEntry,
    add_pupil,
    choose_class_weeks,
    correct_pupil,
    remove_pupil,
    renew_code,
    renew_guardian_code,
)


class Town:
    """A school with one class away on the first two weeks, and its head."""

    def __init__(self, session):
        self.where = make.territory(session)
        self.campaign = make.campaign(session, self.where)
        self.round = self.campaign.rounds[0]
        self.weeks = make.weeks_of(session, self.campaign)
        self.school = make.school(session, self.where)
        self.klass = make.school_class(session, self.campaign, self.school, self.weeks[:2])
        self.host = make.host(session, self.where)
        self.by = make.head(session, self.school).account_id
        session.commit()

    def offer(self, session, *weeks):
        return make.offer(session, self.campaign, self.host, dict.fromkeys(weeks, 1))

    def entry(self, **changes):
        known = {
            "first_name": "Enora",
            "last_name": "Le Bihan",
            "birth_date": date(2012, 1, 31),
            "class_id": self.klass.id,
        }
        return PupilEntry(**{**known, **changes})

    def add(self, session, **changes):
        return add_pupil(session, self.school.id, self.entry(**changes), by=self.by, now=NOW)


@pytest.fixture
def town(session):
    return Town(session)


def test_each_person_gets_a_code_of_their_own_kept_only_as_a_digest(town, session):
    guardians = [GuardianEntry("Gwen Le Bihan", "gwen@example.org"), GuardianEntry("Erwan")]
    made = town.add(session, guardians=guardians)
    assert [letter.name for letter in made.letters] == ["Enora Le Bihan", "Gwen Le Bihan", "Erwan"]
    digests = [made.pupil.code_digest, *(g.code_digest for g in made.pupil.guardians)]
    assert digests == [code_digest(session, letter.code) for letter in made.letters]


def test_a_brother_keeps_the_guardian_and_her_code(town, session):
    gwen = [GuardianEntry("Gwen Le Bihan", "gwen@example.org")]
    first = town.add(session, guardians=gwen)
    code = first.pupil.guardians[0].code_digest
    twin = town.add(session, first_name="Malo", guardians=gwen)
    assert twin.pupil.guardians == first.pupil.guardians
    assert twin.known_guardians == ["Gwen Le Bihan"]
    assert (len(twin.letters), twin.pupil.guardians[0].code_digest) == (1, code)


def test_the_guardians_of_another_school_stay_unknown(town, session):
    gwen = [GuardianEntry("Gwen Le Bihan", "gwen@example.org")]
    town.add(session, guardians=gwen)
    elsewhere = make.school(session, town.where, name="Collège Debussy")
    entry = town.entry(class_id=None, new_class="3e 1", guardians=gwen)
    other = add_pupil(session, elsewhere.id, entry, by=town.by, now=NOW)
    assert other.known_guardians == []
    assert session.query(Guardian).count() == 2


@pytest.mark.parametrize("name", ["le bihan", "LE BIHAN", "Le-Bihan", "Lé Bihan"])
def test_the_same_pupil_is_not_added_twice(town, session, name):
    known = town.add(session).pupil
    with pytest.raises(AlreadyThere) as refused:
        town.add(session, last_name=name)
    assert refused.value.pupil_id == known.id


def test_namesakes_born_on_other_days_are_two_pupils(town, session):
    town.add(session)
    town.add(session, birth_date=date(2012, 2, 1))
    assert session.query(Pupil).count() == 2


@pytest.mark.parametrize("born", [date(2021, 1, 31), date(1998, 1, 31)])
def test_a_date_that_no_pupil_of_3e_has_is_a_slip(town, session, born):
    with pytest.raises(Refused, match="troisième"):
        town.add(session, birth_date=born)


def test_a_new_class_is_made_once_whatever_its_spelling(town, session):
    town.add(session, class_id=None, new_class="3e E")
    town.add(session, first_name="Malo", class_id=None, new_class="3E e")
    assert session.query(SchoolClass).filter_by(school_id=town.school.id).count() == 2


def test_the_class_of_another_school_is_refused(town, session):
    elsewhere = make.school(session, town.where, name="Collège Debussy")
    theirs = make.school_class(session, town.campaign, elsewhere, town.weeks[:1])
    with pytest.raises(Refused, match="Choisissez une classe"):
        town.add(session, class_id=theirs.id)


def test_without_a_campaign_nobody_is_added(town, session):
    other = make.school(session, make.territory(session, "85"), name="Collège Vendée")
    with pytest.raises(Refused, match="Aucune campagne"):
        add_pupil(session, other.id, town.entry(), by=town.by, now=NOW)


def test_a_correction_keeps_the_wishes(town, session):
    pupil = town.add(session).pupil
    make.wishes(session, pupil, town.offer(session, town.weeks[0]))
    entry = town.entry(first_name="Énora")
    changed = correct_pupil(session, town.school.id, pupil.id, entry, by=town.by, now=NOW)
    assert (changed.first_name, len(changed.wishes)) == ("Énora", 1)


def test_after_the_wishes_a_class_does_not_change_but_a_name_does(town, session):
    pupil = town.add(session).pupil
    other = make.school_class(session, town.campaign, town.school, town.weeks[:1], "3e B")
    town.round.state = RoundState.WISHES_CLOSED
    moved = town.entry(class_id=other.id)
    with pytest.raises(Refused, match="classe ne change plus"):
        correct_pupil(session, town.school.id, pupil.id, moved, by=town.by, now=NOW)
    session.rollback()
    renamed = town.entry(last_name="Le Bihen")
    correct_pupil(session, town.school.id, pupil.id, renamed, by=town.by, now=NOW)
    assert session.get(Pupil, pupil.id).last_name == "Le Bihen"


def test_a_leaver_goes_with_wishes_codes_and_accounts(town, session):
    pupil = town.add(session, guardians=[GuardianEntry("Gwen", "gwen@example.org")]).pupil
    make.wishes(session, pupil, town.offer(session, town.weeks[0]))
    account = make.pupil_member(session, pupil).account
    remove_pupil(session, town.school.id, pupil.id, by=town.by, now=NOW)
    assert session.query(Pupil).count() == session.query(Wish).count() == 0
    assert session.query(Guardian).count() == 0
    assert session.query(Membership).filter_by(account_id=account.id).count() == 0
    assert (account.email, account.name) == (None, "Compte fermé")


def test_the_guardian_of_another_child_stays(town, session):
    gwen = [GuardianEntry("Gwen", "gwen@example.org")]
    leaver = town.add(session, guardians=gwen).pupil
    twin = town.add(session, first_name="Malo", guardians=gwen).pupil
    remove_pupil(session, town.school.id, leaver.id, by=town.by, now=NOW)
    session.refresh(twin)
    assert [guardian.name for guardian in twin.guardians] == ["Gwen"]


def test_who_holds_a_place_is_not_removed(town, session):
    pupil = town.add(session).pupil
    offer = town.offer(session, town.weeks[0])
    session.add(
        Placement(
            campaign_id=town.campaign.id,
            round=town.round,
            pupil=pupil,
            offer_week=offer.weeks[0],
            origin=Origin.RUN,
            created_at=NOW,
        )
    )
    with pytest.raises(Refused, match="place est attribuée"):
        remove_pupil(session, town.school.id, pupil.id, by=town.by, now=NOW)


def test_a_new_code_kills_the_old_one(town, session):
    made = town.add(session, guardians=[GuardianEntry("Gwen")])
    guardian = made.pupil.guardians[0]
    old = (made.pupil.code_digest, guardian.code_digest)
    renew_code(session, town.school.id, made.pupil.id, by=town.by, now=NOW)
    renew_guardian_code(session, town.school.id, made.pupil.id, guardian.id, by=town.by, now=NOW)
    assert made.pupil.code_digest != old[0]
    assert guardian.code_digest != old[1]


def test_the_page_of_a_code_reloaded_leaves_the_code_that_was_copied(town, session):
    pupil = town.add(session).pupil
    first, second = (
        renew_code(session, town.school.id, pupil.id, by=town.by, now=NOW, key="page")
        for _ in range(2)
    )
    assert first.code == second.code
    assert pupil.code_digest == code_digest(session, first.code)
    other = renew_code(session, town.school.id, pupil.id, by=town.by, now=NOW, key="later")
    assert other.code != first.code


def test_the_pupils_of_another_school_are_out_of_sight(town, session):
    pupil = town.add(session).pupil
    elsewhere = make.school(session, town.where, name="Collège Debussy")
    for act in (renew_code, remove_pupil):
        with pytest.raises(NoResultFound):
            act(session, elsewhere.id, pupil.id, by=town.by, now=NOW)


def choose(town, session, *weeks):
    ids = [week.id for week in weeks]
    return choose_class_weeks(session, town.school.id, town.klass.id, ids, by=town.by, now=NOW)


def test_a_class_chooses_its_weeks(town, session):
    chosen = choose(town, session, town.weeks[2], town.weeks[0])
    assert chosen.weeks == [town.weeks[0], town.weeks[2]]


def test_weeks_that_wishes_need_are_kept_and_the_pupils_counted(town, session):
    lost, kept = town.offer(session, town.weeks[0]), town.offer(session, *town.weeks[:2])
    for name, wished in (("Enora", [lost]), ("Malo", [lost, kept]), ("Yuna", [kept])):
        make.wishes(session, town.add(session, first_name=name).pupil, *wished)
    session.commit()
    with pytest.raises(Refused, match="2 élèves ont déjà classé"):
        choose(town, session, town.weeks[1])


def test_no_week_or_a_week_of_elsewhere_is_refused(town, session):
    other = make.campaign(session, make.territory(session, "85"))
    for weeks in ([], [make.weeks_of(session, other)[0]]):
        with pytest.raises(Refused, match="au moins une semaine"):
            choose(town, session, *weeks)


def test_weeks_stop_changing_with_the_wishes(town, session):
    town.round.state = RoundState.WISHES_CLOSED
    with pytest.raises(Refused, match="Les vœux sont clos"):
        choose(town, session, town.weeks[0])


def test_each_pupil_has_one_status_and_totals_add_up(town, session):
    offer = town.offer(session, town.weeks[0])
    for name in ("Never", "Seen", "Begun", "Done"):
        pupil = town.add(session, first_name=name).pupil
        if name != "Never":
            make.pupil_member(session, pupil)
        if name in ("Begun", "Done"):
            make.wishes(session, pupil, offer)
        pupil.wishes_confirmed_at = NOW if name == "Done" else None
    session.commit()
    found = follow_up(session, town.school.id)
    assert [(row.pupil.first_name, row.status) for row in found.pupils] == [
        ("Never", Status.NEVER),
        ("Seen", Status.NO_WISH),
        ("Begun", Status.BEGUN),
        ("Done", Status.FEW),
    ]
    assert (found.unconfirmed, found.short_lists) == (3, 2)
    assert sum(row.total for row in found.classes) == len(found.pupils)
    for status in Status:
        assert sum(row.counts[status] for row in found.classes) == found.counts[status]
    for status in Status:
        assert sum(row.counts[status] for row in found.classes) == found.counts[status]
    assert [r.pupil.first_name for r in matching_pupils(found, town.klass.id, [Status.BEGUN])] == [
        "Begun"
    ]


def test_a_place_is_a_status_only_once_published(town, session):
    pupil = town.add(session).pupil
    offer = town.offer(session, town.weeks[0])
    make.wishes(session, pupil, offer)
    session.add(
        Placement(
            campaign_id=town.campaign.id,
            round=town.round,
            pupil=pupil,
            offer_week=offer.weeks[0],
            origin=Origin.FAMILY,
            created_at=NOW,
        )
    )
    session.commit()
    assert follow_up(session, town.school.id).pupils[0].status is Status.BEGUN
    town.round.published_at = NOW
    session.commit()
    assert follow_up(session, town.school.id).pupils[0].status is Status.PLACED
