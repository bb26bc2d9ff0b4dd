"""What a family may read: nothing before the publication, everything about its child after."""

from datetime import timedelta

import pytest

from models import Origin, Placement, Round
from tests import factories as f
from tests.services.seasons import Season
from web.services.publication import publish
from web.services.results import Outcome, result_of

SECOND = timedelta(seconds=1)


@pytest.fixture
def reviewed(session, sessions):
    return Season(session).review(sessions)


@pytest.fixture
def published(session, reviewed):
    publish(session, reviewed.round.id, by=reviewed.by, now=f.PUBLISH_AT)
    session.expire_all()
    return reviewed


def results(session, season, now=f.PUBLISH_AT, **options):
    return [result_of(session, pupil, now=now, **options) for pupil in season.pupils]


def test_nothing_is_said_during_the_review(session, reviewed):
    for result in results(session, reviewed):
        assert result.outcome is Outcome.WAITING
        assert result.place is result.explanation is None


def test_after_publication_each_reads_its_own_outcome(session, published):
    found = results(session, published)
    outcomes = [result.outcome for result in found]
    assert outcomes.count(Outcome.PLACED) == 5
    assert outcomes.count(Outcome.UNPLACED) == 1
    assert outcomes[-1] is Outcome.NO_WISH
    for result, pupil in zip(found, published.pupils, strict=True):
        if result.place:
            assert result.place.pupil_id == pupil.id
            assert 2000 < result.metres < 2500


def test_reasons_come_with_the_outcome_in_the_readers_voice(session, published):
    for voice, word in (("tu", "Tu as"), ("vous", "Une place")):
        found = results(session, published, voice=voice)
        placed = [result for result in found if result.place]
        assert all(result.explanation.summary.startswith(word) for result in placed)
        for result in placed:
            [granted] = [one for one in result.explanation.wishes if one.granted]
            assert granted.rank == result.place.rank


def test_a_pupil_without_place_reads_why_for_each_wish(session, published):
    [unplaced] = [r for r in results(session, published) if r.outcome is Outcome.UNPLACED]
    assert [one.rank for one in unplaced.explanation.wishes] == [1, 2]
    assert not any(one.granted for one in unplaced.explanation.wishes)


def test_a_place_found_by_the_family_has_no_reason(session, published):
    pupil = published.pupils[-1]
    session.add(
        Placement(
            campaign_id=published.campaign.id,
            round_id=published.round.id,
            pupil_id=pupil.id,
            offer_week_id=published.town.weeks[0].id,
            origin=Origin.FAMILY,
            created_at=f.PUBLISH_AT,
        )
    )
    session.flush()
    result = result_of(session, pupil, now=f.PUBLISH_AT)
    assert (result.outcome, result.explanation) == (Outcome.PLACED, None)


def test_a_clock_behind_the_publication_reads_nothing(session, published):
    early = session.get(Round, published.round.id).published_at - SECOND
    assert {result.outcome for result in results(session, published, early)} == {Outcome.WAITING}
