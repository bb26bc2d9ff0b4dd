"""A campaign to come: the dates proposed for it, what they must respect, its creation."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import (
    Campaign,
    CampaignState,
    Round,
    Territory,
    Week,
    campaigns_of,
    schools_in_territory,
    territory_of,
)
from web.format import PARIS
from web.services.calendar import calendar_is_known, holiday_reason, school_weeks
from web.services.dates import (
    DAYS_FOR_AGREEMENTS,
    NAMES,
    REVIEW_DAYS,
    Dates,
    check_new_dates,
    days_for_agreements,
    school_days_between,
)
from web.services.errors import Refused
from web.services.journal import record

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
MODEL = date(2026, 10, 5)
"""The Monday on which wishes opened in the season that gives its shape to the others."""
SERVED_WEEKS = 9
MAX_WISHES = 10
WISHES_ALLOWED = range(1, 31)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a campaign needs to exist; `season` is the year in which its school year starts."""

    season: int
    offers_open_at: datetime
    dates: Dates
    first_monday: date
    last_monday: date
    max_wishes: int = MAX_WISHES
    guardians_act: bool = True
    public_value_name: str = ""


def next_season(session: Session, territory_id: int, now: datetime) -> int:
    """The season to prepare: after the last campaign, else the one whose wishes can still open."""
    last = session.scalars(campaigns_of(territory_id)).first()
    coming = now.year if now.astimezone(PARIS).date() < _wishes_monday(now.year) else now.year + 1
    return max(coming, last.season + 1) if last else coming


def proposed_plan(territory: Territory, season: int, now: datetime) -> Plan:
    """The usual calendar moved to a season, with its reviews and agreements given their time.

    Raises:
        Refused: the school calendar of that season is not known.
    """
    zone = territory.holiday_zone
    if not calendar_is_known(season, zone):
        raise Refused(_UNKNOWN.format(season=f"{season}-{season + 1}"), "season")
    opening = _wishes_monday(season)
    closing = opening + 11 * DAY
    run_at = _at(closing, 20)
    reviewed = opening + 31 * DAY
    while school_days_between(run_at, _at(reviewed, 18), zone) < REVIEW_DAYS:
        reviewed += DAY
    published = reviewed + DAY
    first = opening + 9 * WEEK
    while (
        days_for_agreements(_at(published, 12), first, zone) < DAYS_FOR_AGREEMENTS
        or holiday_reason(first, zone) is not None
    ):
        first += WEEK
    last = first + SERVED_WEEKS * WEEK
    while holiday_reason(last, zone) is not None:
        last += WEEK
    dates = Dates(
        offers_close_at=_at(opening - 3 * DAY, 18),
        wishes_open_at=_at(opening, 8),
        wishes_close_at=_at(closing, 18),
        run_at=run_at,
        review_until=_at(reviewed, 18),
        publish_at=_at(published, 12),
        answers_until=_at(published + 10 * DAY, 18),
    )
    tomorrow = now.astimezone(PARIS).date() + DAY
    return Plan(season, _at(max(date(season, 9, 1), tomorrow), 8), dates, first, last)


def create_campaign(
    session: Session, territory_id: int, plan: Plan, *, by: int | None, now: datetime
) -> Campaign:
    """Create a campaign in preparation with its first round and its weeks outside holidays.

    Raises:
        Refused: another campaign is not over, no school is known, or the plan does not hold;
            `field` names what to change.
    """
    territory = session.get_one(Territory, territory_id)
    check_ready(session, territory_id)
    campaign = _campaign(territory, plan)
    _check(session, campaign, plan, now)
    session.add(campaign)
    try:
        session.flush()
    except IntegrityError:
        session.rollback()
        raise Refused(_TWICE, "season") from None
    mondays = school_weeks(plan.first_monday, plan.last_monday, territory.holiday_zone)
    session.add_all(Week(campaign_id=campaign.id, monday=monday) for monday in mondays)
    record(session, "campaign.created", f"campaign:{campaign.id}", by=by, now=now)
    session.commit()
    return campaign


def create_usual_campaign(
    session: Session, departement: str, season: int, public_value_name: str, *, now: datetime
) -> Campaign:
    """Create a campaign with the proposed dates, from the terminal.

    Raises:
        Refused: as for `create_campaign`, or the departement is not open.
    """
    territory = session.scalar(territory_of(departement))
    if territory is None:
        raise Refused(f"Le département « {departement} » n’est pas ouvert.")
    usual = proposed_plan(territory, season, now)
    plan = replace(usual, public_value_name=public_value_name)
    return create_campaign(session, territory.id, plan, by=None, now=now)


def check_ready(session: Session, territory_id: int) -> None:
    """Refuse while another campaign lives, or while no school is in the directory.

    Raises:
        Refused: with what to wait for, or to do.
    """
    for other in session.scalars(campaigns_of(territory_id)):
        if other.state is not CampaignState.CLOSED:
            raise Refused(
                f"La campagne {other.season}-{other.season + 1} n’est pas terminée : "
                "la suivante se prépare après elle."
            )
    if session.scalars(schools_in_territory(territory_id)).first() is None:
        raise Refused(
            "Aucun collège n’est encore inscrit dans ce département. L’administration de la "
            "plateforme importe d’abord l’annuaire des collèges."
        )


_TWICE = "Une campagne existe déjà pour cette rentrée."
_UNKNOWN = "Le calendrier des vacances {season} n’est pas encore connu ici."


def _wishes_monday(season: int) -> date:
    """The Monday nearest to that of the model season."""
    return MODEL + round((date(season, MODEL.month, MODEL.day) - MODEL) / WEEK) * WEEK


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), PARIS)


def _campaign(territory: Territory, plan: Plan) -> Campaign:
    own = {name: getattr(plan.dates, name) for name in NAMES}
    campaign = Campaign(
        territory=territory,
        season=plan.season,
        offers_open_at=plan.offers_open_at,
        offers_close_at=own.pop("offers_close_at"),
        first_monday=plan.first_monday,
        last_monday=plan.last_monday,
        max_wishes=plan.max_wishes,
        guardians_act=plan.guardians_act,
    )
    campaign.rounds.append(Round(number=1, public_value_name=plan.public_value_name, **own))
    return campaign


def _check(session: Session, campaign: Campaign, plan: Plan, now: datetime) -> None:
    _check_season(session, campaign, now)
    if plan.max_wishes not in WISHES_ALLOWED:
        raise Refused("Chaque élève classe de 1 à 30 offres.", "max_wishes")
    _check_weeks(plan, campaign.territory.holiday_zone)
    if plan.offers_open_at <= now:
        raise Refused("Cette date est déjà passée.", "offers_open_at")
    if plan.dates.offers_close_at <= plan.offers_open_at:
        raise Refused("Les offres ferment après leur ouverture.", "offers_close_at")
    check_new_dates(campaign, plan.dates, now=now)


def _check_season(session: Session, campaign: Campaign, now: datetime) -> None:
    season = campaign.season
    if any(
        other.season == season for other in session.scalars(campaigns_of(campaign.territory.id))
    ):
        raise Refused(_TWICE, "season")
    if season not in range(now.year - 1, now.year + 3):
        raise Refused("Vérifiez l’année de la rentrée.", "season")
    if not calendar_is_known(season, campaign.territory.holiday_zone):
        raise Refused(_UNKNOWN.format(season=f"{season}-{season + 1}"), "season")


def _check_weeks(plan: Plan, zone: str) -> None:
    for name in ("first_monday", "last_monday"):
        monday: date = getattr(plan, name)
        if monday.weekday() != 0:
            raise Refused("Cette date n’est pas un lundi.", name)
        if not date(plan.season, 9, 1) <= monday < date(plan.season + 1, 7, 1):
            years = f"{plan.season}-{plan.season + 1}"
            raise Refused(f"Cette semaine n’est pas dans l’année scolaire {years}.", name)
        reason = holiday_reason(monday, zone)
        if reason is not None:
            raise Refused(f"Personne n’est accueilli cette semaine-là : {reason}.", name)
    if plan.last_monday < plan.first_monday:
        raise Refused("La dernière semaine vient avant la première.", "last_monday")
