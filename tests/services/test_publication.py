"""Publication: everything at once, once, and nothing before."""

from collections import Counter
from datetime import timedelta

import pytest

from models import (
    MessageKind,
    OfferState,
    Origin,
    Placement,
    PlacementState,
    RoundState,
    Run,
    assignments_of_run,
    latest_messages,
    placements_of_campaign,
)
from tests import factories as f
from tests.services.seasons import Season
from web.services import publication
from web.services.errors import Refused

SECOND = timedelta(seconds=1)


@pytest.fixture
def season(session, sessions):
    return Season(session).review(sessions)


def publish(session, season, at=f.PUBLISH_AT):
    return publication.publish(session, season.round.id, by=season.by, now=at)


def results(session):
    kinds = (MessageKind.RESULT_FAMILY, MessageKind.RESULT_SCHOOL, MessageKind.RESULT_HOST)
    return [m for m in session.scalars(latest_messages()) if m.kind in kinds]


def test_before_it_nothing_is_held_and_nobody_is_told(session, season):
    assert session.scalars(placements_of_campaign(season.campaign.id)).all() == []
    assert results(session) == []
    assert season.round.published_at is None


def test_the_delay_and_the_announced_hour_are_kept_to_the_second(session, season):
    with pytest.raises(Refused, match="5\u00a0novembre"):
        publish(session, season, f.REVIEW_UNTIL - SECOND)
    session.rollback()
    with pytest.raises(Refused, match="toutes en même temps"):
        publish(session, season, f.PUBLISH_AT - SECOND)
    session.rollback()

    assert publish(session, season).state is RoundState.PUBLISHED


def test_placements_are_the_assignments_of_the_run(session, season):
    publish(session, season)

    proposed = session.scalars(assignments_of_run(season.round.selected_run_id)).all()
    held = session.scalars(placements_of_campaign(season.campaign.id)).all()
    assert {(p.pupil_id, p.offer_week_id, p.rank) for p in held} == {
        (a.pupil_id, a.offer_week_id, a.rank) for a in proposed if a.offer_week_id
    }
    assert {(p.origin, p.state) for p in held} == {(Origin.RUN, PlacementState.OFFERED)}
    assert season.round.published_at == f.PUBLISH_AT


def test_each_recipient_gets_exactly_one_letter(session, season):
    publish(session, season)
    publish(session, season)

    told = results(session)
    assert Counter((m.kind, m.recipient) for m in told) == {
        (MessageKind.RESULT_FAMILY, "samira@example.org"): 1,
        (MessageKind.RESULT_SCHOOL, "direction@example.org"): 1,
        (MessageKind.RESULT_HOST, "atelier@example.org"): 1,
    }
    by_kind = {m.kind: m.params for m in told}
    children = by_kind[MessageKind.RESULT_FAMILY]["children"]
    assert [c["first_name"] for c in children] == ["Élève0", "Élève1"]
    assert {c["status"] for c in children} == {"placed"}
    assert by_kind[MessageKind.RESULT_SCHOOL]["placed"] == 4
    assert by_kind[MessageKind.RESULT_HOST]["pupils"] == 5


def test_a_host_without_account_is_told_through_its_contact(session, season):
    session.delete(season.team)
    session.commit()

    publish(session, season)

    hosts = [m.recipient for m in results(session) if m.kind is MessageKind.RESULT_HOST]
    assert hosts == ["anne@example.org"]


def test_a_second_click_changes_nothing(session, season):
    publish(session, season)
    count = session.query(Placement).count()

    publish(session, season, f.PUBLISH_AT + SECOND)

    assert session.query(Placement).count() == count
    assert season.round.published_at == f.PUBLISH_AT


def test_dying_in_the_middle_leaves_nothing_behind(session, sessions, season, monkeypatch):
    def die(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(publication, "record", die)
    with pytest.raises(KeyboardInterrupt), sessions.writing() as dying:
        publish(dying, season)
    monkeypatch.undo()

    session.expire_all()
    assert session.query(Placement).count() == 0
    assert results(session) == []
    assert season.round.state is RoundState.REVIEW
    publish(session, season)
    assert session.query(Placement).count() == 5


def test_a_place_withdrawn_since_the_run_stops_publication(session, season):
    season.town.state = OfferState.WITHDRAWN
    session.commit()

    with pytest.raises(Refused, match="Relancez le calcul"):
        publish(session, season)


def test_a_pupil_who_found_a_place_meanwhile_keeps_it(session, season):
    elsewhere = f.offer(session, season.campaign, season.host, {season.weeks[1]: 1})
    place = elsewhere.weeks[0]  # no seat of the run, whoever the draw put in them
    session.add(
        Placement(
            campaign_id=season.campaign.id,
            round_id=season.round.id,
            pupil_id=season.pupils[0].id,
            offer_week_id=place.id,
            origin=Origin.FAMILY,
            created_at=f.RUN_AT,
        )
    )
    session.commit()

    publish(session, season)

    (mine,) = [
        p
        for p in session.scalars(placements_of_campaign(season.campaign.id))
        if p.pupil_id == season.pupils[0].id
    ]
    assert mine.origin is Origin.FAMILY


@pytest.mark.parametrize("state", [RoundState.WISHES_OPEN, RoundState.WISHES_CLOSED])
def test_publication_comes_after_the_review(session, season, state):
    season.round.state = state
    session.commit()

    with pytest.raises(Refused, match="après la relecture"):
        publish(session, season, f.PUBLISH_AT)


def test_no_selected_run_means_no_publication(session, season):
    season.round.selected_run_id = None
    session.commit()

    with pytest.raises(Refused, match="retenu"):
        publish(session, season)


def test_the_page_counts_exactly_the_letters_that_leave(session, season):
    run = session.get(Run, season.round.selected_run_id)
    mailing = publication.letters(session, season.round, publication.given_by(session, run))
    shown = {title: message.params for title, message in publication.samples(session, mailing)}
    publish(session, season)

    sent = Counter(message.kind for message in results(session))
    families = len(mailing.families) + len(mailing.texts)
    assert sent == {
        MessageKind.RESULT_FAMILY: families,
        MessageKind.RESULT_SCHOOL: len(mailing.schools),
        MessageKind.RESULT_HOST: len(mailing.hosts),
    }
    stored = [message.params for message in results(session)]
    assert shown
    assert all(params in stored for params in shown.values())
