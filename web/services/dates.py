"""The dates of a round: their order, what is past, and the time that agreements need."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy.orm import Session

from models import Campaign, Round, RoundState, Week
from web.format import PARIS, day, moment
from web.services.calendar import public_holidays, teaching_days_between
from web.services.errors import Refused
from web.services.journal import record
from web.services.rounds import locked_round

DAYS_FOR_AGREEMENTS = 25
DAYS_FOR_AGREEMENTS_LATER = 15
"""In a complementary round, whose nearer weeks are closed."""
REVIEW_DAYS = 3

NAMES = {
    "offers_close_at": "la clôture des offres",
    "wishes_open_at": "l’ouverture des vœux",
    "wishes_close_at": "la clôture des vœux",
    "run_at": "le calcul",
    "review_until": "la fin de la relecture",
    "publish_at": "la publication",
    "answers_until": "la fin des réponses",
}
_PAST: dict[RoundState, int] = {
    RoundState.PLANNED: 0,
    RoundState.WISHES_OPEN: 2,
    RoundState.WISHES_CLOSED: 3,
    RoundState.REVIEW: 4,
    RoundState.PUBLISHED: 6,
    RoundState.ANSWERS_CLOSED: 7,
}
"""How many of the dates, in order, have had their effect."""


@dataclass(frozen=True)
class Dates:
    """The seven dates of a round, in their order."""

    offers_close_at: datetime
    wishes_open_at: datetime
    wishes_close_at: datetime
    run_at: datetime
    review_until: datetime
    publish_at: datetime
    answers_until: datetime


def dates_of(of_round: Round) -> Dates:
    """The dates of a round as they are."""
    own = {f.name: getattr(of_round, f.name) for f in fields(Dates)[1:]}
    return Dates(offers_close_at=of_round.campaign.offers_close_at, **own)


def change_dates(
    session: Session,
    round_id: int,
    dates: Dates,
    *,
    public_value_name: str | None = None,
    by: int,
    now: datetime,
) -> Round:
    """Change the dates of a round; name the public value of its draw while it is to come.

    Raises:
        Refused: a date is past, out of order or too near the first week; `field` names it.
    """
    changed = locked_round(session, round_id)
    before = dates_of(changed)
    _refuse_past(changed, before, dates, now)
    _refuse_disorder(dates)
    check_delays(changed.campaign, dates, first_round=changed.number == 1)
    if public_value_name is not None and public_value_name != changed.public_value_name:
        if changed.state is not RoundState.PLANNED:
            raise Refused(
                "La valeur publique est annoncée avec l’ouverture des vœux : elle ne change plus.",
                "public_value_name",
            )
        changed.public_value_name = public_value_name
    changed.campaign.offers_close_at = dates.offers_close_at
    for f in fields(Dates)[1:]:
        setattr(changed, f.name, getattr(dates, f.name))
    moved = {
        f.name: getattr(dates, f.name).isoformat()
        for f in fields(Dates)
        if getattr(dates, f.name) != getattr(before, f.name)
    }
    record(session, "round.dates_changed", f"round:{round_id}", by=by, now=now, **moved)
    session.commit()
    return changed


def _refuse_past(changed: Round, before: Dates, after: Dates, now: datetime) -> None:
    for position, (name, said) in enumerate(NAMES.items()):
        old, new = getattr(before, name), getattr(after, name)
        if new == old:
            continue
        if position < _PAST[changed.state]:
            raise Refused(f"Trop tard : {said} a déjà eu lieu.", name)
        if new <= now:
            raise Refused("Cette date est déjà passée.", name)
        closing = name == "wishes_close_at" and changed.state is RoundState.WISHES_OPEN
        if closing and new < old:
            raise Refused(
                f"Les familles ont lu « {moment(old)} » : la clôture peut être repoussée, "
                "pas avancée.",
                name,
            )


def _refuse_disorder(dates: Dates) -> None:
    names = list(NAMES)[1:]
    for earlier, later in pairwise(names):
        if getattr(dates, later) <= getattr(dates, earlier):
            raise Refused(
                f"Cette date doit venir après {NAMES[earlier]} "
                f"({moment(getattr(dates, earlier))}).",
                later,
            )


def school_days_between(start: datetime, end: datetime, zone: str) -> int:
    """How many days of class come after the day of `start`, up to the day of `end` included."""
    first, last = start.astimezone(PARIS).date(), end.astimezone(PARIS).date()
    days = [first + timedelta(days=n + 1) for n in range((last - first).days)]
    return sum(1 for one in days if _is_school_day(one, zone))


def _is_school_day(one: date, zone: str) -> bool:
    monday = one - timedelta(days=one.weekday())
    in_term = teaching_days_between(one, one + timedelta(days=1), zone) == 1
    return one.weekday() < 5 and in_term and one not in public_holidays(monday)


def check_delays(campaign: Campaign, dates: Dates, *, first_round: bool) -> None:
    """Refuse what leaves too little time to the schools, or to the signatures of agreements.

    Raises:
        Refused: `field` names the date to move.
    """
    zone = campaign.territory.holiday_zone
    _refuse_short_review(zone, dates)
    served = campaign.first_monday if first_round else campaign.last_monday
    wanted = DAYS_FOR_AGREEMENTS if first_round else DAYS_FOR_AGREEMENTS_LATER
    found = days_for_agreements(dates.publish_at, served, zone)
    if found < wanted:
        raise Refused(
            f"Il faut {wanted} jours hors vacances entre la publication et la semaine du "
            f"{day(served)} pour signer les conventions ; cette date en laisse {found}.",
            "publish_at",
        )


def check_new_dates(campaign: Campaign, dates: Dates, *, now: datetime) -> None:
    """Check the dates of the first round of a campaign that does not exist yet.

    Raises:
        Refused: a date is past, out of order or too near the first week; `field` names it.
    """
    for name in NAMES:
        if getattr(dates, name) <= now:
            raise Refused("Cette date est déjà passée.", name)
    _refuse_disorder(dates)
    check_delays(campaign, dates, first_round=True)


def check_later_dates(campaign: Campaign, dates: Dates, *, now: datetime) -> None:
    """Check the dates of a complementary round that does not exist yet.

    Raises:
        Refused: a date is past, out of order or too near the last week; `field` names it.
    """
    for name in list(NAMES)[1:]:
        if getattr(dates, name) <= now:
            raise Refused("Cette date est déjà passée.", name)
    _refuse_disorder(dates)
    check_delays(campaign, dates, first_round=False)


def days_for_agreements(publish_at: datetime, served: date, zone: str) -> int:
    """How many days outside holidays lie between a publication and a Monday."""
    return teaching_days_between(publish_at.astimezone(PARIS).date(), served, zone)


def closed_weeks(of_round: Round, weeks: Iterable[Week]) -> set[int]:
    """The weeks too near the publication of a complementary round for agreements to be signed."""
    if of_round.number == 1:
        return set()
    zone = of_round.campaign.territory.holiday_zone
    return {
        week.id
        for week in weeks
        if days_for_agreements(of_round.publish_at, week.monday, zone) < DAYS_FOR_AGREEMENTS_LATER
    }


def _refuse_short_review(zone: str, dates: Dates) -> None:
    found = school_days_between(dates.run_at, dates.review_until, zone)
    if found < REVIEW_DAYS:
        raise Refused(
            f"Les collèges ont {REVIEW_DAYS} jours de classe pour relire ; "
            f"ces dates leur en laissent {found}.",
            "review_until",
        )
