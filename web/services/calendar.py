"""School weeks: which Mondays may welcome a pupil, and why another may not."""

from datetime import date, timedelta
from functools import lru_cache

import holidays
from vacances_scolaires_france import SchoolHolidayDates, UnsupportedYearException

from web.services.errors import Refused

ZONES = ("A", "B", "C")


@lru_cache(maxsize=256)
def holiday_reason(monday: date, zone: str) -> str | None:
    """Why nobody is welcomed in the week of this Monday, or None if the week is free.

    Raises:
        Refused: the date is not a Monday, or the calendar of its year is not known.
    """
    if monday.weekday() != 0:
        raise Refused("Une semaine commence un lundi.")
    days = [monday + timedelta(days=n) for n in range(5)]
    off = [name for d in days if (name := _school_holiday(d, zone))]
    if off:
        return off[0]
    feasts = public_holidays(monday)
    return next(iter(feasts.values())) if len(feasts) == 5 else None


def public_holidays(monday: date) -> dict[date, str]:
    """The public holidays among the five days of a week."""
    known = holidays.country_holidays("FR", years=[monday.year, monday.year + 1], language="fr")
    days = [monday + timedelta(days=n) for n in range(5)]
    return {d: str(known[d]) for d in days if d in known}


def school_weeks(first: date, last: date, zone: str) -> list[date]:
    """The Mondays from first to last, holidays of the zone left out."""
    mondays = [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 1)]
    return [monday for monday in mondays if holiday_reason(monday, zone) is None]


def calendar_is_known(season: int, zone: str) -> bool:
    """Whether the holidays of the school year that starts in this civil year are published."""
    try:
        spring = [date(season + 1, 4, 1) + timedelta(days=n) for n in range(45)]
        return any(_school_holiday(one, zone) for one in spring)
    except Refused:
        return False


def teaching_days_between(start: date, end: date, zone: str) -> int:
    """How many calendar days outside school holidays lie between two dates."""
    span = (start + timedelta(days=n) for n in range((end - start).days))
    return sum(1 for d in span if _school_holiday(d, zone) is None)


@lru_cache(maxsize=4096)
def _school_holiday(day: date, zone: str) -> str | None:
    known = _holidays_of_year(day.year)
    found = known.get(day)
    if found and found[f"vacances_zone_{zone.lower()}"]:
        return str(found["nom_vacances"])
    return None


@lru_cache(maxsize=16)
def _holidays_of_year(year: int) -> dict[date, dict[str, object]]:
    try:
        found: dict[date, dict[str, object]] = SchoolHolidayDates().holidays_for_year(year)
    except UnsupportedYearException:
        raise Refused(f"Le calendrier scolaire de {year} n’est pas connu ici.") from None
    return found
