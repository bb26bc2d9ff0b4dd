"""What the law allows of a pupil's week: every limit, its source, and where a timetable breaks it.

Sources: the model agreement of the circular MENE2407449C (12 July 2024) and its annex A for the
day, the week, the break, rest and night; the rule of 2003 for the thirty hours under fifteen.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from models import Day, clock_time


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit in minutes, what it says to people, and where it comes from."""

    minutes: int
    rule: str
    source: str


AGREEMENT = "convention type, circulaire du 12 juillet 2024"
LONGEST_DAY = Limit(7 * 60, "7 h par jour au plus", AGREEMENT)
USUAL_WEEK = Limit(30 * 60, "30 h par semaine avant quinze ans", "règle de 2003, toujours suivie")
LONGEST_WEEK = Limit(35 * 60, "35 h par semaine au plus", AGREEMENT)
EARLIEST = Limit(6 * 60, "pas avant 6 h", "code du travail, moins de seize ans")
LATEST = Limit(20 * 60, "pas après 20 h", "code du travail, moins de seize ans")
BREAK_AFTER = Limit(4 * 60 + 30, "une pause dès 4 h 30", AGREEMENT)
BREAK = Limit(30, "30 minutes de pause", AGREEMENT)
NIGHT = Limit(14 * 60, "14 h de repos entre deux jours", f"{AGREEMENT}, annexe A")
LIMITS = (
    LONGEST_DAY,
    USUAL_WEEK,
    LONGEST_WEEK,
    EARLIEST,
    LATEST,
    BREAK_AFTER,
    BREAK,
    NIGHT,
)
YOUNG = 15
"""Below this age, in years, on the first day, the usual week is the longest."""


@dataclass(frozen=True, slots=True)
class Breach:
    """Where a timetable breaks the law: the weekday, or None for the week, and what to do."""

    weekday: int | None
    sentence: str


def breaches(days: Sequence[Day], *, long_week: bool) -> list[Breach]:
    """Every breach of a timetable, in the order of the days.

    `long_week` says that the host confirmed more than thirty hours.
    """
    found = [Breach(day.weekday, said) for day in days for said in _of_day(day)]
    found += _nights(days)
    total = week_minutes(days)
    if not total:
        found.append(Breach(None, "Indiquez les heures d’au moins une demi-journée."))
    elif total > LONGEST_WEEK.minutes:
        found.append(Breach(None, f"35 h par semaine au plus : il y en a {clock_time(total)} ici."))
    elif total > USUAL_WEEK.minutes and not long_week:
        found.append(
            Breach(
                None,
                f"Cela fait {clock_time(total)} par semaine. Cochez la case qui confirme plus de "
                "30 h, ou raccourcissez.",
            )
        )
    return found


def week_minutes(days: Sequence[Day]) -> int:
    """How long the presence of a week is."""
    return sum(day.minutes for day in days)


def too_long_for(birth_date: date, monday: date, days: Sequence[Day]) -> bool:
    """Whether a pupil is under fifteen on the first day of a week longer than thirty hours."""
    if week_minutes(days) <= USUAL_WEEK.minutes:
        return False
    had_birthday = (monday.month, monday.day) >= (birth_date.month, birth_date.day)
    return monday.year - birth_date.year - (not had_birthday) < YOUNG


def _of_day(day: Day) -> Iterator[str]:
    for span in day.spans:
        if span.start >= span.end:
            yield f"{clock_time(span.end)} vient avant {clock_time(span.start)} : corrigez l’heure."
            return
    if day.morning and day.afternoon and day.afternoon.start < day.morning.end:
        yield "L’après-midi commence avant la fin de la matinée : corrigez l’heure."
        return
    if day.spans[0].start < EARLIEST.minutes:
        yield "Pas avant 6 h : commencez plus tard."
    if day.spans[-1].end > LATEST.minutes:
        yield "Pas après 20 h : finissez plus tôt."
    if day.minutes > LONGEST_DAY.minutes:
        until = day.spans[-1].end - (day.minutes - LONGEST_DAY.minutes)
        yield f"7 h par jour au plus. Finissez à {clock_time(until)}."
    if _longest_stretch(day) > BREAK_AFTER.minutes:
        yield "Il faut 30 minutes de pause après 4 h 30 de présence."


def _longest_stretch(day: Day) -> int:
    """The longest presence without half an hour of rest."""
    if day.morning and day.afternoon and day.afternoon.start - day.morning.end < BREAK.minutes:
        return day.minutes
    return max(span.end - span.start for span in day.spans)


def _nights(days: Sequence[Day]) -> Iterator[Breach]:
    for one, following in pairwise(days):
        rest = 24 * 60 - one.spans[-1].end + following.spans[0].start
        if following.weekday == one.weekday + 1 and rest < NIGHT.minutes:
            start = one.spans[-1].end + NIGHT.minutes - 24 * 60
            yield Breach(
                following.weekday,
                f"14 h de repos après le {one.name} : commencez à {clock_time(start)} au plus tôt.",
            )
