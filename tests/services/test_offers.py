"""The life of an offer, from its first draft to its withdrawal."""

import dataclasses
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.exc import NoResultFound

from models import (
    USUAL,
    CampaignState,
    Message,
    MessageKind,
    Offer,
    OfferKind,
    OfferState,
    RoundState,
    Sector,
)
from tests import factories as make
from tests.factories import OFFERS_CLOSE
from web.services.errors import Gone, Refused
from web.services.offer_copies import duplicate_offer
from web.services.offer_drafts import (
    Activity,
    Practical,
    missing_steps,
    save_activity,
    save_practical,
    save_weeks,
    start_offer,
    submit_offer,
)
from web.services.offers import approve_offer, return_offer, withdraw_offer

NOW = datetime(2026, 9, 20, 8, tzinfo=UTC)
FIRST, SECOND, HOLIDAY = date(2026, 12, 7), date(2026, 12, 14), date(2026, 12, 21)
PRACTICAL = Practical(USUAL, "Arrêt Port", "Anne Le Goff", "anne@example.org", safe=True)


class Workshop:
    """A host, its member, an animator, in a season whose offers are taken."""

    def __init__(self, session):
        self.where = make.territory(session)
        self.campaign = make.campaign(
            session,
            self.where,
            state=CampaignState.OFFERS_OPEN,
            round_state=RoundState.PLANNED,
        )
        self.weeks = make.weeks_of(session, self.campaign)
        self.host = make.host(session, self.where)
        member = make.host_member(session, self.host, email="hote@example.org")
        animator = make.animator(session, self.where, email="anim@example.org")
        self.by, self.animator = member.account_id, animator.account_id
        session.commit()

    @property
    def activity(self):
        return Activity(self.host.sites[0].id, "Menuiserie", "Tu suis…", Sector.WOOD)

    def start(self, session, *, key=None, now=NOW, **changes):
        activity = dataclasses.replace(self.activity, **changes)
        return start_offer(session, self.host.id, activity, form_key=key, by=self.by, now=now)

    def seat(self, session, offer, seats, total=None, now=NOW):
        return save_weeks(session, offer.id, self.host.id, seats, total, now=now)

    def ready(self, session):
        offer = self.start(session)
        self.seat(session, offer, {FIRST: 2})
        return save_practical(session, offer.id, self.host.id, PRACTICAL, now=NOW)

    def submit(self, session, offer, now=NOW):
        return submit_offer(session, offer.id, self.host.id, by=self.by, now=now)

    def approve(self, session, offer):
        return approve_offer(session, offer.id, self.where.id, by=self.animator, now=NOW)

    def withdraw(self, session, offer, *, knowing=False):
        return withdraw_offer(session, offer.id, self.host.id, knowing=knowing, by=self.by, now=NOW)

    def wished(self, session, offer, count=1):
        klass = make.school_class(
            session, self.campaign, make.school(session, self.where), self.weeks[:1]
        )
        for n in range(count):
            mother = make.guardian(session, email=f"m{n}@example.org")
            pupil = make.pupil(session, klass, f"Élève{n}", guardian=mother)
            make.wishes(session, pupil, offer)
        session.commit()


@pytest.fixture
def workshop(session):
    return Workshop(session)


def letters(session, kind):
    return [m.recipient for m in session.query(Message).filter_by(kind=kind)]


def test_each_step_is_kept_and_the_offer_is_read_before_pupils_see_it(workshop, session):
    offer = workshop.ready(session)
    assert (offer.state, offer.seats, missing_steps(offer)) == (OfferState.DRAFT, 2, {})
    assert workshop.submit(session, offer).state is OfferState.SUBMITTED
    assert letters(session, MessageKind.OFFER_SUBMITTED) == ["anim@example.org"]
    assert workshop.approve(session, offer).state is OfferState.OPEN
    assert letters(session, MessageKind.OFFER_APPROVED) == ["hote@example.org"]


def test_a_form_sent_twice_makes_one_offer(workshop, session):
    first = workshop.start(session, key="k1")
    assert workshop.start(session, key="k1").id == first.id
    assert session.query(Offer).count() == 1


def test_an_offer_sent_twice_tells_the_animators_once(workshop, session):
    offer = workshop.ready(session)
    workshop.submit(session, offer)
    workshop.submit(session, offer)
    assert len(letters(session, MessageKind.OFFER_SUBMITTED)) == 1


@pytest.mark.parametrize(
    ("seats", "total", "words"),
    [
        ({HOLIDAY: 1}, None, "Vacances de Noël"),
        ({date(2026, 12, 8): 1}, None, "hors de la campagne"),
        ({date(2027, 6, 7): 1}, None, "hors de la campagne"),
        ({FIRST: -1}, None, "négatif"),
        ({FIRST: 31}, None, "30 places"),
        ({FIRST: 2}, 3, "total"),
        ({FIRST: 2}, 0, "total"),
    ],
)
def test_places_that_make_no_sense_are_refused_in_words(workshop, session, seats, total, words):
    offer = workshop.start(session)
    with pytest.raises(Refused, match=words):
        workshop.seat(session, offer, seats, total)


def test_a_week_may_be_changed_and_emptied(workshop, session):
    offer = workshop.start(session)
    workshop.seat(session, offer, {FIRST: 2, SECOND: 1})
    workshop.seat(session, offer, {FIRST: 3, SECOND: 0}, 2)
    assert [(w.week.monday, w.seats) for w in offer.weeks] == [(FIRST, 3)]
    assert offer.seats == 2


def test_a_group_needs_its_number_each_week(workshop, session):
    with pytest.raises(Refused, match="au moins 2"):
        workshop.start(session, kind=OfferKind.GROUP, min_group=1)
    offer = workshop.start(session, kind=OfferKind.GROUP, min_group=4)
    with pytest.raises(Refused, match="au moins 4"):
        workshop.seat(session, offer, {FIRST: 3})
    session.rollback()
    workshop.seat(session, offer, {FIRST: 3 + 1})
    grown = dataclasses.replace(workshop.activity, kind=OfferKind.GROUP, min_group=6)
    save_activity(session, offer.id, workshop.host.id, grown, now=NOW)
    assert 2 in missing_steps(offer)


def test_an_unfinished_offer_is_not_sent(workshop, session):
    offer = workshop.start(session)
    assert set(missing_steps(offer)) == {2, 3}
    with pytest.raises(Refused, match="au moins une place"):
        workshop.submit(session, offer)


def test_the_closing_date_holds_to_the_second(workshop, session):
    before = OFFERS_CLOSE.replace(hour=15, minute=59, second=59)
    offer = workshop.start(session, now=before)
    with pytest.raises(Refused, match="clos depuis"):
        workshop.start(session, now=OFFERS_CLOSE)
    with pytest.raises(Refused, match="clos depuis"):
        workshop.seat(session, offer, {FIRST: 1}, now=OFFERS_CLOSE)


def test_before_the_opening_the_date_is_said(workshop, session):
    with pytest.raises(Refused, match="ouvre le mardi 1er"):
        workshop.start(session, now=datetime(2026, 8, 20, tzinfo=UTC))


def test_an_offer_sent_back_is_corrected_even_after_the_closing(workshop, session):
    offer = workshop.submit(session, workshop.ready(session))
    reason = "Dites qui accompagne l’élève."
    return_offer(session, offer.id, workshop.where.id, reason, by=workshop.animator, now=NOW)
    assert (offer.state, offer.return_reason) == (OfferState.RETURNED, reason)
    assert letters(session, MessageKind.OFFER_RETURNED) == ["hote@example.org"]
    sent = workshop.submit(session, offer, now=OFFERS_CLOSE)
    assert (sent.state, sent.return_reason) == (OfferState.SUBMITTED, "")
    assert len(letters(session, MessageKind.OFFER_SUBMITTED)) == 2


def test_an_animator_says_why_and_only_once(workshop, session):
    offer = workshop.submit(session, workshop.ready(session))
    with pytest.raises(Refused, match="ce qu’il faut corriger"):
        return_offer(session, offer.id, workshop.where.id, "  ", by=workshop.animator, now=NOW)
    session.rollback()
    workshop.approve(session, offer)
    workshop.approve(session, offer)
    assert len(letters(session, MessageKind.OFFER_APPROVED)) == 1
    with pytest.raises(Refused, match="n’attend plus"):
        return_offer(session, offer.id, workshop.where.id, "Non", by=workshop.animator, now=NOW)


def test_an_offer_of_another_territory_or_host_is_out_of_sight(workshop, session):
    offer = workshop.ready(session)
    elsewhere = make.territory(session, "85")
    with pytest.raises(Gone):
        approve_offer(session, offer.id, elsewhere.id, by=workshop.animator, now=NOW)
    other = make.host(session, elsewhere)
    with pytest.raises(NoResultFound):
        submit_offer(session, offer.id, other.id, by=workshop.by, now=NOW)
    with pytest.raises(Refused, match="un de vos établissements"):
        workshop.start(session, site_id=other.sites[0].id)


def test_an_open_offer_is_not_edited_behind_the_pupils(workshop, session):
    offer = make.offer(session, workshop.campaign, workshop.host, {workshop.weeks[0]: 1})
    session.commit()
    with pytest.raises(Refused, match="ne se modifie plus"):
        workshop.seat(session, offer, {FIRST: 2})


def test_a_copy_is_a_draft_of_its_own(workshop, session):
    source = make.offer(session, workshop.campaign, workshop.host, {workshop.weeks[0]: 3})
    session.commit()
    copy = duplicate_offer(session, source.id, workshop.host.id, by=workshop.by, now=NOW)
    assert (copy.state, copy.seats) == (OfferState.DRAFT, 3)
    assert copy.title == f"{source.title} (copie)"
    workshop.seat(session, copy, {FIRST: 1})
    assert source.seats == 3


def test_a_ranked_offer_is_withdrawn_knowingly_and_families_are_told(workshop, session):
    offer = make.offer(session, workshop.campaign, workshop.host, {workshop.weeks[0]: 1})
    workshop.wished(session, offer, count=6)
    with pytest.raises(Refused, match="6 élèves ont classé"):
        workshop.withdraw(session, offer)
    session.rollback()
    assert workshop.withdraw(session, offer, knowing=True).state is OfferState.WITHDRAWN
    assert len(letters(session, MessageKind.OFFER_WITHDRAWN)) == 6
    workshop.withdraw(session, offer, knowing=True)
    assert len(letters(session, MessageKind.OFFER_WITHDRAWN)) == 6


def test_few_pupils_are_not_counted_to_the_host(workshop, session):
    offer = make.offer(session, workshop.campaign, workshop.host, {workshop.weeks[0]: 1})
    workshop.wished(session, offer, count=1)
    with pytest.raises(Refused, match="Moins de 5 élèves ont"):
        workshop.withdraw(session, offer)


def test_after_the_wishes_an_open_offer_stays(workshop, session):
    offer = make.offer(session, workshop.campaign, workshop.host, {workshop.weeks[0]: 1})
    workshop.campaign.rounds[0].state = RoundState.WISHES_CLOSED
    session.commit()
    with pytest.raises(Refused, match="Les vœux sont clos"):
        workshop.withdraw(session, offer)
