"""After the publication: who has no place, a place for each, and who is told."""

from datetime import timedelta

import pytest

from models import (
    Label,
    MessageKind,
    Origin,
    Placement,
    PlacementState,
    ProblemKind,
    active_placement,
    latest_messages,
    problems_waiting,
)
from tests import factories as f
from tests.services.seasons import Season
from web.services import answers, place_problems, publication, replacing, results
from web.services.answers import DeclineReason
from web.services.errors import Gone, Refused
from web.services.place_problems import Told
from web.services.replacing import Gift, Reason, Wanted

AFTER = f.ANSWERS_UNTIL + timedelta(days=1)
MOTIVE = "Une place encore libre."


@pytest.fixture
def season(session, sessions):
    """Published: five pupils have a place, the sixth has none, the seventh has no wish."""
    made = Season(session).review(sessions)
    publication.publish(session, made.round.id, by=made.by, now=f.PUBLISH_AT)
    made.guardian.email = "samira@example.org"
    session.commit()
    return made


def held(session, pupil):
    session.expire_all()
    return session.scalar(active_placement(pupil.id))


def decline(session, season, pupil, reason=DeclineReason.TRIP):
    place = held(session, pupil)
    return answers.decline_place(
        session, pupil.id, place.id, reason, by=season.by, now=f.PUBLISH_AT
    )


def listed(session, season):
    session.expire_all()
    return replacing.to_place(session, season.campaign)


def give(session, season, pupil, place, *, now=AFTER, reason=MOTIVE, agreed=False, by=None):
    return replacing.give_place(
        session,
        pupil.id,
        season.territory.id,
        Gift(place.id, reason, agreed=agreed),
        by=by or season.by,
        now=now,
    )


def told(session, *kinds):
    return sorted(
        (m.kind.value, m.recipient)
        for m in session.scalars(latest_messages())
        if m.kind in (kinds or tuple(MessageKind))
    )


def free(session, season, pupil, state, place=None):
    place_id = place or held(session, pupil).id
    return replacing.free_place(
        session, pupil.id, season.territory.id, place_id, state, by=season.by, now=AFTER
    )


def test_everybody_without_a_place_is_on_the_list_and_says_why(session, season):
    a, b, c, d = season.pupils[:4]
    decline(session, season, a)
    decline(session, season, b)
    answers.validate_decline(session, b.id, season.rep_plus.id, by=season.by, now=AFTER)
    free(session, season, c, PlacementState.WITHDRAWN)
    free(session, season, d, PlacementState.CANCELLED)
    klass = season.pupils[4].school_class
    late = f.pupil(session, klass, "Tard", "Venu")
    f.wishes(session, late, season.town)
    gone = f.pupil(session, klass, "Parti", "Loin")
    gone.left_at = AFTER
    session.commit()

    rows = listed(session, season)
    found = {one.pupil.first_name: one.reason for one in rows}
    assert found == {
        "Élève0": Reason.DECLINED,
        "Élève1": Reason.DECLINED,
        "Élève2": Reason.WITHDRAWN,
        "Élève3": Reason.CANCELLED,
        next(n for n in ("Élève4", "Élève5") if n in found): Reason.NO_PLACE,
        "Élève6": Reason.NO_WISH,
        "Tard": Reason.LATE,
    }
    assert rows[3].pupil.id == a.id, "of her label, she refused without a sound reason: last"
    assert [one.comes_after for one in rows[:4]] == [False, False, False, True]
    assert len([1 for one in rows if Wanted(label=Label.REP_PLUS).fits(one, {})]) == 4
    assert len([1 for one in rows if Wanted(school_id=season.other.id).fits(one, {})]) == 3
    assert len([1 for one in rows if Wanted(reason=Reason.DECLINED).fits(one, {})]) == 2
    assert len([1 for one in rows if Wanted(week_id=season.weeks[1].id).fits(one, {})]) == 0


def test_a_free_seat_is_given_once_and_everyone_is_told_once(session, season):
    first = season.pupils[0]
    lost = decline(session, season, first)
    waiting = next(one.pupil for one in listed(session, season) if not one.lost)
    place = lost.offer_week
    other = season.town if place.offer_id == season.wood.id else season.wood

    given = give(session, season, waiting, place)
    assert given.origin is Origin.HAND
    assert given.state is PlacementState.ACCEPTED, "the answers are closed"
    assert give(session, season, waiting, place).id == given.id
    kinds = (MessageKind.PLACE_GIVEN, MessageKind.PLACE_LOST)
    assert told(session, *kinds) == [
        ("place_given", "atelier@example.org"),
        ("place_lost", "atelier@example.org"),
        ("place_lost", "direction@example.org"),
    ]
    with pytest.raises(Refused, match="déjà une place"):
        give(session, season, waiting, other.weeks[0])
    session.rollback()
    with pytest.raises(Refused, match="n’est plus libre"):
        give(session, season, first, place)
    session.rollback()
    shown = results.result_of(session, waiting, now=AFTER)
    assert shown.place.reason == MOTIVE


def test_two_animators_want_the_last_seat(session, sessions, season):
    lost = decline(session, season, season.pupils[0])
    other = f.pupil(session, season.pupils[4].school_class, "Une", "Autre")
    session.commit()
    waiting = [one.pupil for one in listed(session, season) if not one.lost]
    assert other.id in {one.id for one in waiting}
    territory, gift = season.territory.id, Gift(lost.offer_week_id, MOTIVE)
    one, two, by = waiting[0].id, waiting[1].id, season.by
    session.commit()
    with sessions.writing() as first:
        replacing.give_place(first, one, territory, gift, by=by, now=AFTER)
    with sessions.writing() as second, pytest.raises(Refused, match="n’est plus libre"):
        replacing.give_place(second, two, territory, gift, by=by, now=AFTER)


def test_beyond_the_limits_the_family_must_agree(session, season):
    far = f.offer(session, season.campaign, season.host, {season.weeks[0]: 1}, title="Au loin")
    far.site = f.host(session, season.territory, name="Loin").sites[0]
    far.site.lat = 46.0
    session.commit()
    waiting = next(one.pupil for one in listed(session, season) if not one.lost)
    with pytest.raises(Refused, match="accord") as refused:
        give(session, season, waiting, far.weeks[0])
    assert refused.value.field == "agreed"
    session.rollback()
    assert give(session, season, waiting, far.weeks[0], now=f.PUBLISH_AT, agreed=True).agreed


def test_no_week_that_has_begun_and_nothing_before_the_publication(session, season):
    decline(session, season, season.pupils[0])
    waiting = next(one.pupil for one in listed(session, season) if not one.lost)

    def found(now):
        return replacing.replacing(session, waiting.id, season.territory.id, now=now).openings

    monday = f.PUBLISH_AT.replace(month=12, day=7)
    assert found(monday - timedelta(days=1))
    assert found(monday) == []
    season.round.published_at = None
    session.commit()
    with pytest.raises(Refused, match="ne sont pas publiés"):
        found(AFTER)


def test_a_place_given_back_is_told_and_the_group_below_its_minimum(session, season):
    season.town.min_group = 3
    session.commit()
    pupil = next(p for p in season.pupils if held(session, p).offer_week.offer_id == season.town.id)
    place = held(session, pupil)
    free(session, season, pupil, PlacementState.CANCELLED)
    free(session, season, pupil, PlacementState.CANCELLED, place.id)
    assert held(session, pupil) is None
    kinds = told(session, MessageKind.PLACE_LOST, MessageKind.GROUP_BELOW)
    assert ("group_below", "atelier@example.org") in kinds
    assert kinds.count(("place_lost", "atelier@example.org")) == 1
    with pytest.raises(Gone):
        free(session, season, pupil, PlacementState.CANCELLED, 999)


def test_another_territory_sees_nobody(session, season):
    elsewhere = f.territory(session, "35").id
    pupil = season.pupils[0]
    with pytest.raises(Gone):
        replacing.replacing(session, pupil.id, elsewhere, now=AFTER)
    with pytest.raises(Gone):
        replacing.give_place(session, pupil.id, elsewhere, Gift(1, "x"), by=1, now=AFTER)


def test_a_host_confirms_or_tells_what_is_wrong(session, season):
    place = session.query(Placement).first()
    mine = {"by": season.team.account_id, "now": AFTER}
    host_id = season.host.id
    with pytest.raises(Gone):
        place_problems.confirm_place(session, place.id, host_id + 1, **mine)
    place_problems.confirm_place(session, place.id, host_id, **mine)
    assert place.host_confirmed_at == AFTER

    with pytest.raises(Refused, match="une phrase"):
        place_problems.tell_problem(session, place.id, host_id, Told(ProblemKind.OTHER), **mine)
    session.rollback()
    said = Told(ProblemKind.TUTOR, "En congé.")
    one = place_problems.tell_problem(session, place.id, host_id, said, **mine)
    assert place_problems.tell_problem(session, place.id, host_id, said, **mine).id == one.id
    with pytest.raises(Refused, match="déjà signalé"):
        place_problems.tell_problem(session, place.id, host_id, Told(ProblemKind.SEAT), **mine)
    session.rollback()
    assert place.host_confirmed_at is None
    desk = season.animator.account.email
    assert told(session, MessageKind.PLACE_PROBLEM) == [("place_problem", desk)]
    assert [p.id for p in session.scalars(problems_waiting(season.campaign.id))] == [one.id]

    act = {"by": season.by, "now": AFTER}
    with pytest.raises(Gone):
        place_problems.settle_problem(session, one.id, season.territory.id + 1, **act)
    place_problems.settle_problem(session, one.id, season.territory.id, **act)
    assert list(session.scalars(problems_waiting(season.campaign.id))) == []
