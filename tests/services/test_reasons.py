"""Why: one sentence for each wish, pointing at nobody."""

import pytest

from models import Run
from tests.queries import counted
from tests.services.seasons import Season
from web.services.errors import Gone
from web.services.price import price_of
from web.services.reasons import ruled_by, why


@pytest.fixture
def season(session, sessions):
    return Season(session).review(sessions)


def test_a_granted_wish_is_marked(session, season):
    stories = [why(session, 1, pupil.id) for pupil in season.pupils[:4]]

    for story in stories:
        assert [one.rank for one in story.wishes] == [1, 2]
        assert [one.offer_title for one in story.wishes] == ["Menuiserie", "Mairie"]
        assert sum(one.granted for one in story.wishes) == 1
        assert all(one.sentence for one in story.wishes)


def test_a_pupil_without_a_place_has_a_reason_for_each_wish(session, season):
    run = session.get(Run, 1)
    lost = next(a.pupil_id for a in run.assignments if a.offer_week_id is None)

    story = why(session, 1, lost, voice="vous")

    assert not any(one.granted for one in story.wishes)
    assert all(one.sentence for one in story.wishes)
    assert "règle publiée" in story.summary


def test_no_reason_names_a_class_a_school_or_another_pupil(session, season):
    said = " ".join(
        one.sentence for pupil in season.pupils[:6] for one in why(session, 1, pupil.id).wishes
    )
    for name in ("3e A", "Stendhal", "Veil", *(p.first_name for p in season.pupils)):
        assert name not in said


def test_families_read_no_price_and_no_small_count(session, season):
    run = session.get(Run, 1)
    for pupil in season.pupils[:6]:
        assert not any(one.price for one in why(session, run.id, pupil.id).wishes)
        for told in ruled_by(session, run.id, pupil.id).reasons("tu", exact=False).values():
            assert told is None or (told.price, told.taken_by) == (None, None)


def test_two_voices(session, season):
    pupil = season.pupils[0].id
    assert why(session, 1, pupil).summary.startswith("Tu as une place")
    assert why(session, 1, pupil, voice="vous").summary.startswith("Une place est proposée")


def test_a_pupil_outside_the_run_is_gone(session, season):
    with pytest.raises(Gone):
        why(session, 1, season.pupils[6].id)
    with pytest.raises(Gone):
        why(session, 99, season.pupils[0].id)


def test_few_queries_whatever_the_list(session, sessions, season):
    with counted(sessions) as seen, sessions.reading() as fresh:
        why(fresh, 1, season.pupils[0].id)
    assert len([s for s in seen if s.startswith("SELECT")]) <= 7


def test_a_price_computed_again_is_the_one_of_the_proof(session, season):
    run_id = season.round.selected_run_id
    seen = 0
    for pupil in season.pupils[:6]:
        for one in why(session, run_id, pupil.id, voice="vous", prices=True).wishes:
            if one.price and one.computed:
                assert price_of(session, run_id, pupil.id, one.rank) == one.price
                seen += 1
    assert seen
    with pytest.raises(Gone):
        price_of(session, run_id, season.pupils[0].id, 9)
