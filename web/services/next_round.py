"""Complementary rounds: their dates, who they are for, what begins with them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time, timedelta

from sqlalchemy.orm import Session

from models import (
    Campaign,
    CampaignState,
    Pupil,
    Round,
    RoundState,
    campaign_in_territory,
    campaign_to_change,
    places_lost,
    pupils_with_place,
    pupils_without_place,
)
from web.format import PARIS, moment
from web.services.dates import (
    REVIEW_DAYS,
    Dates,
    check_later_dates,
    dates_of,
    school_days_between,
)
from web.services.errors import Gone, Refused
from web.services.journal import record

DAY = timedelta(days=1)
OUT = (RoundState.PUBLISHED, RoundState.ANSWERS_CLOSED)


def coming_round(campaign: Campaign) -> Round:
    """The complementary round that is planned, else the round under way: whose dates may move."""
    planned = (one for one in campaign.rounds if one.number > 1)
    return next((one for one in planned if one.state is RoundState.PLANNED), campaign.current_round)


def may_plan(campaign: Campaign) -> bool:
    """Whether another round may be added: results are out, and no other round is to come."""
    last = campaign.rounds[-1]
    return campaign.state is CampaignState.RUNNING and last.state in OUT


def proposed_dates(campaign: Campaign, now: datetime) -> Dates:
    """A short calendar from the end of the answers on: a week of wishes, three days of review."""
    last = campaign.rounds[-1]
    opening = _at(_weekday(max(now, last.answers_until) + DAY), 8)
    closing = _at(opening + 7 * DAY, 18)
    run_at = closing + timedelta(hours=2)
    zone = campaign.territory.holiday_zone
    reviewed = _at(run_at + DAY, 18)
    while school_days_between(run_at, reviewed, zone) < REVIEW_DAYS:
        reviewed = _at(reviewed + DAY, 18)
    published = _at(_weekday(reviewed + DAY), 12)
    return replace(
        dates_of(last),
        wishes_open_at=opening,
        wishes_close_at=closing,
        run_at=run_at,
        review_until=reviewed,
        publish_at=published,
        answers_until=_at(published + 7 * DAY, 18),
    )


def plan_round(
    session: Session,
    campaign_id: int,
    territory_id: int,
    dates: Dates,
    *,
    public_value_name: str = "",
    by: int,
    now: datetime,
) -> Round:
    """Add a complementary round to a campaign; it begins at its date, or by the button.

    Raises:
        Gone: not of this territory. Refused: results are not out, a round is already planned,
            nobody is without a place, or a date does not hold; `field` names it.
    """
    if session.scalar(campaign_in_territory(campaign_id, territory_id)) is None:
        raise Gone("Cette campagne n’existe pas.")
    campaign = session.scalars(campaign_to_change(campaign_id)).one()
    last = campaign.rounds[-1]
    if not may_plan(campaign):
        raise Refused("Un tour complémentaire vient après la publication du précédent.")
    if session.scalars(pupils_without_place(campaign_id)).first() is None:
        raise Refused("Chaque élève a une place : aucun autre tour n’est utile.")
    if dates.wishes_open_at < last.answers_until:
        raise Refused(
            "Les vœux de ce tour ouvrent après la fin des réponses du précédent "
            f"({moment(last.answers_until)}).",
            "wishes_open_at",
        )
    check_later_dates(campaign, dates, now=now)
    planned = Round(
        number=last.number + 1,
        wishes_open_at=dates.wishes_open_at,
        wishes_close_at=dates.wishes_close_at,
        run_at=dates.run_at,
        review_until=dates.review_until,
        publish_at=dates.publish_at,
        answers_until=dates.answers_until,
        public_value_name=public_value_name,
    )
    campaign.rounds.append(planned)
    session.flush()
    about = {"number": planned.number}
    record(session, "round.planned", f"round:{planned.id}", by=by, now=now, **about)
    session.commit()
    return planned


def begin(session: Session, opened: Round) -> None:
    """What the opening of a complementary round changes in the lists of those without a place.

    The offers that they gave back or lost leave their lists, and nothing is confirmed any more.
    Part of the use case that opens the wishes: commits nothing.

    Raises:
        Refused: families may still answer to the round before.
    """
    if opened.number == 1:
        return
    before = next(one for one in opened.campaign.rounds if one.number == opened.number - 1)
    if before.state is not RoundState.ANSWERS_CLOSED:
        raise Refused(
            f"Les familles répondent encore au tour {before.number}, jusqu’au "
            f"{moment(before.answers_until)}."
        )
    lost = {
        (one.pupil_id, one.offer_week.offer_id)
        for one in session.scalars(places_lost(opened.campaign_id))
    }
    for pupil in session.scalars(pupils_without_place(opened.campaign_id)):
        _begin_list(session, pupil, {offer for who, offer in lost if who == pupil.id})


def _begin_list(session: Session, pupil: Pupil, lost: set[int]) -> None:
    kept = [wish.offer_id for wish in pupil.wishes if wish.offer_id not in lost]
    if len(kept) < len(pupil.wishes):
        for wish in [one for one in pupil.wishes if one.offer_id in lost]:
            pupil.wishes.remove(wish)
        session.flush()
        for rank, wish in enumerate(pupil.wishes, 1):
            wish.rank = rank
            session.flush()  # ranks are unique at every moment
    pupil.wishes_version += 1
    pupil.wishes_confirmed_at = None


def only_concerned(session: Session, of_round: Round, pupils: Iterable[int]) -> set[int]:
    """Those of these pupils whom a round is for: in a complementary one, who has no place."""
    if of_round.number == 1:
        return set(pupils)
    return set(pupils) - set(session.scalars(pupils_with_place(of_round.campaign_id)))


def _weekday(day: datetime) -> datetime:
    """The same day, or the Monday after a weekend."""
    local = day.astimezone(PARIS)
    return day + (7 - local.weekday()) * DAY if local.weekday() > 4 else day


def _at(day: datetime, hour: int) -> datetime:
    return datetime.combine(day.astimezone(PARIS).date(), time(hour), PARIS)
