"""Answers to the second, places found, needs, and what the law lets a family ask."""

from dataclasses import replace
from datetime import timedelta

import pytest

from config import ConfigurationError, Settings
from models import (
    AccessNeed,
    FoundState,
    Need,
    PlacementState,
    RequestKind,
    RequestState,
    Role,
)
from tests import factories as f
from tests.services.seasons import Season
from web.services.agenda import agenda_of
from web.services.answers import DeclineReason, accept_place, decline_place, validate_decline
from web.services.campaigns import advance
from web.services.catalogue import Filters, catalogue
from web.services.errors import Gone, Refused
from web.services.explanations import a_month_after, answer, ask, legal_answer
from web.services.figures import campaign_figures
from web.services.found_places import (
    Found,
    check_place,
    declare_place,
    found_place,
    give_up_place,
    refuse_place,
)
from web.services.freeze import freeze
from web.services.needs_access import Paper, erase_needs, needs_of, save_needs
from web.services.publication import publish
from web.services.reach import weeks_for
from web.services.results import Outcome, result_of

SECOND = timedelta(seconds=1)


@pytest.fixture
def published(session, sessions):
    season = Season(session).review(sessions)
    publish(session, season.round.id, by=season.by, now=f.PUBLISH_AT)
    session.expire_all()
    season.placed = [
        pupil
        for pupil in season.pupils
        if result_of(session, pupil, now=f.PUBLISH_AT).outcome is Outcome.PLACED
    ]
    return season


@pytest.fixture
def opened(session):
    season = Season(session)
    advance(session, f.WISHES_OPEN)
    session.expire_all()
    return season


def place_of(session, pupil, now=f.PUBLISH_AT):
    return result_of(session, pupil, now=now).place


def typed(season, name="Garage Dupont"):
    week = season.weeks[0].id
    return Found(week, name, "4 rue Haute", "44000", "Nantes", "M. Dupont", "02 40 00 00 00")


def declared(session, season, pupil, now=f.WISHES_TIME):
    return declare_place(session, pupil.id, typed(season), by=season.by, now=now)


def test_a_place_is_accepted_until_the_last_second_and_twice_is_once(session, published):
    pupil = published.placed[0]
    place = place_of(session, pupil)
    for _ in range(2):
        accept_place(session, pupil.id, place.id, by=published.by, now=f.ANSWERS_UNTIL - SECOND)
    assert place.state is PlacementState.ACCEPTED
    other = published.placed[1]
    with pytest.raises(Refused, match="closes"):
        accept_place(session, other.id, place_of(session, other).id, by=1, now=f.ANSWERS_UNTIL)


def test_a_decline_frees_the_seat_for_good(session, published):
    pupil = published.placed[0]
    place = place_of(session, pupil)
    args = {"by": published.by, "now": f.PUBLISH_AT}
    for _ in range(2):
        decline_place(session, pupil.id, place.id, DeclineReason.TRIP, **args)
    assert result_of(session, pupil, now=f.PUBLISH_AT).outcome is Outcome.DECLINED
    with pytest.raises(Gone):
        accept_place(session, pupil.id, place.id, **args)


def test_nobody_answers_for_another(session, published):
    one, other = published.placed[:2]
    with pytest.raises(Gone):
        accept_place(
            session, one.id, place_of(session, other).id, by=published.by, now=f.PUBLISH_AT
        )


def test_only_her_head_finds_a_reason_sound(session, published):
    pupil = next(p for p in published.placed if p.school is published.rep_plus)
    place = place_of(session, pupil)
    decline_place(
        session, pupil.id, place.id, DeclineReason.OTHER, by=published.by, now=f.PUBLISH_AT
    )
    with pytest.raises(Gone):
        validate_decline(session, pupil.id, published.other.id, by=1, now=f.PUBLISH_AT)
    validate_decline(session, pupil.id, published.rep_plus.id, by=published.by, now=f.PUBLISH_AT)
    assert place.validated_at == f.PUBLISH_AT


def test_the_calendar_file_names_nobody(session, published):
    place = place_of(session, published.placed[0])
    place.offer_week.offer.access = "Tram 1"
    text = agenda_of(place, now=f.PUBLISH_AT).decode()
    assert "DTSTART;VALUE=DATE:20261207" in text
    assert "DTEND;VALUE=DATE:20261212" in text
    for name in ("Anne", "Nom0", "Élève0"):
        assert name not in text


def test_a_checked_place_takes_the_pupil_out_of_what_is_frozen(session, opened):
    lina = opened.pupils[0]
    declared(session, opened, lina)
    assert lina.id in freeze(session, opened.round, "seed").pupils
    check_place(session, lina.id, opened.rep_plus.id, by=opened.by, now=f.WISHES_TIME)
    frozen = freeze(session, opened.round, "seed")
    assert lina.id not in frozen.pupils
    assert frozen.found == 1
    figures = campaign_figures(session, opened.campaign)
    assert (figures.found, figures.pupils) == (1, 6)


def test_a_place_checked_after_the_closing_changes_no_run_but_gives_no_other(session, sessions):
    season = Season(session)
    lina = season.pupils[0]
    advance(session, f.WISHES_OPEN)
    declared(session, season, lina)
    advance(session, f.WISHES_CLOSE)
    check_place(session, lina.id, season.rep_plus.id, by=season.by, now=f.WISHES_CLOSE + SECOND)
    assert lina.id in freeze(session, season.round, "seed").pupils
    season.review(sessions)
    publish(session, season.round.id, by=season.by, now=f.PUBLISH_AT)
    assert result_of(session, lina, now=f.PUBLISH_AT).outcome is Outcome.FOUND


def test_a_checked_place_is_given_up_until_the_closing(session, opened):
    lina = opened.pupils[0]
    declared(session, opened, lina)
    check_place(session, lina.id, opened.rep_plus.id, by=opened.by, now=f.WISHES_TIME)
    with pytest.raises(Refused, match="clos"):
        give_up_place(session, lina.id, by=opened.by, now=f.WISHES_CLOSE)
    give_up_place(session, lina.id, by=opened.by, now=f.WISHES_CLOSE - SECOND)
    assert found_place(session, lina.id).state is FoundState.GIVEN_UP
    assert lina.id in freeze(session, opened.round, "seed").pupils


def test_a_place_is_said_once_and_checked_by_her_school_only(session, opened):
    lina = opened.pupils[0]
    assert declared(session, opened, lina) is declared(session, opened, lina)
    with pytest.raises(Refused, match="déjà"):
        declare_place(session, lina.id, typed(opened, "Autre"), by=1, now=f.WISHES_TIME)
    with pytest.raises(Gone):
        check_place(session, lina.id, opened.other.id, by=opened.by, now=f.WISHES_TIME)
    with pytest.raises(Refused, match="pourquoi"):
        refuse_place(session, lina.id, opened.rep_plus.id, " ", by=1, now=f.WISHES_TIME)


def test_after_publication_a_place_is_first_refused(session, published):
    pupil = published.placed[0]
    with pytest.raises(Refused, match="refuser"):
        declared(session, published, pupil, now=f.PUBLISH_AT)


def test_needs_are_sealed_and_only_leave_places_out(session, opened):
    lina = opened.pupils[0]
    opened.wood.accessibility = [Need.STEP_FREE.value, Need.SEATED.value]
    samira = f.member(session, Role.GUARDIAN, guardian=opened.guardian)
    session.commit()
    wanted, by = [Need.STEP_FREE], samira.account_id
    with pytest.raises(Refused, match="accord"):
        save_needs(session, lina.id, wanted, agreed=False, by=by, now=f.WISHES_TIME)
    save_needs(session, lina.id, wanted, agreed=True, by=by, now=f.WISHES_TIME)
    session.expire_all()
    assert needs_of(lina) == {Need.STEP_FREE}
    assert b"step" not in session.query(AccessNeed).one().sealed
    assert weeks_for(lina, opened.wood)
    assert not weeks_for(lina, opened.town)
    assert [p.title for p in catalogue(session, lina, Filters()).fitting] == ["Menuiserie"]
    before = erase_needs(session, now=f.PUBLISH_AT)
    after = erase_needs(session, now=f.PUBLISH_AT + timedelta(days=365))
    assert (before, after) == (0, 1)
    session.expire_all()
    assert needs_of(lina) == frozenset()


def test_a_head_writes_down_a_consent_signed_on_paper(session, opened):
    lina, by = opened.pupils[0], opened.head.account_id
    signed = Paper(opened.guardian.id, f.WISHES_TIME.date())

    def save(paper, needs=(Need.STEP_FREE,)):
        now = f.WISHES_TIME
        return save_needs(session, lina.id, needs, agreed=True, by=by, now=now, paper=paper)

    with pytest.raises(Refused, match="signé"):
        save(replace(signed, signer_id=0))
    with pytest.raises(Refused, match="avenir"):
        save(replace(signed, signed_on=f.WISHES_TIME.date() + timedelta(days=1)))
    session.rollback()
    save(signed)
    kept = session.query(AccessNeed).one()
    assert (kept.paper_signer, kept.paper_date) == (opened.guardian.name, signed.signed_on)
    assert kept.consent_by_id == by
    assert needs_of(lina) == {Need.STEP_FREE}
    save(None, needs=())
    assert session.query(AccessNeed).count() == 0


def test_needs_are_erased_the_saturday_after_the_week(session, published):
    lina = published.placed[0]
    by = published.by
    lina.access_need = AccessNeed(sealed=b"x", consent_by_id=by, consent_at=f.WISHES_TIME)
    session.commit()
    friday = f.PUBLISH_AT.replace(month=12, day=11)
    assert erase_needs(session, now=friday) == 0
    assert erase_needs(session, now=friday + timedelta(days=1)) == 1


def test_the_four_items_tell_what_was_used(session, published):
    told = legal_answer(session, published.placed[0])
    assert len(told.items) == 4
    text = " ".join(line for item in told.items for line in item.lines)
    assert "REP+" in text
    assert "6\u00a0élèves" in text
    assert "a proposé le vœu" in text
    silent = legal_answer(session, published.pupils[-1])
    assert "n’en faisait pas partie" in silent.items[0].lines[0]


def test_nothing_is_told_before_publication(session, opened):
    with pytest.raises(Gone):
        legal_answer(session, opened.pupils[0])


def test_a_question_waits_a_month_and_is_answered_once(session, published):
    pupil, by, now = published.placed[0], published.by, f.PUBLISH_AT
    asked = ask(session, pupil, RequestKind.APPEAL, "Pourquoi ?", by=by, now=now)
    assert asked.due_on.isoformat() == "2026-12-06"
    assert ask(session, pupil, RequestKind.APPEAL, "Pourquoi ?", by=by, now=now) is asked
    with pytest.raises(Refused, match="attend déjà"):
        ask(session, pupil, RequestKind.APPEAL, "Encore ?", by=by, now=now)
    with pytest.raises(Refused, match="1001 signes"):
        ask(session, pupil, RequestKind.EXPLANATION, "x" * 1001, by=by, now=now)
    elsewhere = f.territory(session, "49")
    with pytest.raises(Gone):
        answer(session, asked.id, elsewhere.id, "Voilà.", by=by, now=now)
    answer(session, asked.id, published.territory.id, "Voilà.", by=by, now=now)
    assert asked.state is RequestState.ANSWERED
    with pytest.raises(Refused, match="déjà"):
        answer(session, asked.id, published.territory.id, "Autre.", by=by, now=now)


def test_a_month_after_the_thirty_first_is_the_last_day():
    day = f.PUBLISH_AT.date()
    assert a_month_after(day.replace(month=10, day=31)).isoformat() == "2026-11-30"
    assert a_month_after(day.replace(month=12, day=31)).isoformat() == "2027-01-31"


def test_production_asks_for_a_key_of_its_own_for_needs():
    secure = {"production": True, "secret_key": "s" * 40, "site_url": "https://example.org"}
    with pytest.raises(ConfigurationError, match="DATA_KEY"):
        Settings(**secure)
    assert Settings(**secure, data_key="d" * 40).production


def test_a_screen_that_did_not_see_the_yes_cannot_say_no(session, published):
    pupil = published.placed[0]
    place = place_of(session, pupil)
    args = {"by": published.by, "now": f.PUBLISH_AT}
    accept_place(session, pupil.id, place.id, **args)
    with pytest.raises(Refused, match="autre écran"):
        decline_place(session, pupil.id, place.id, DeclineReason.TRIP, **args)
    session.rollback()
    decline_place(session, pupil.id, place.id, DeclineReason.TRIP, accepted=True, **args)
    assert result_of(session, pupil, now=f.PUBLISH_AT).outcome is Outcome.DECLINED
