"""What the law allows of a pupil's week: every limit, its source, and where a timetable breaks it.

The limits and their sources are data, in `web/data/hours.json`: minutes, or years and days.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from models import Day, clock_time

FILE = Path(__file__).parent.parent / "data" / "hours.json"
IN_WORDS = ("young", "break", "days_off")
"""The limits that are told as plain numbers, not as hours."""


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit, what it says to people, and where it comes from."""

    code: str
    value: int
    rule: str
    source: str

    @property
    def told(self) -> str:
        """Its value in words: « 7 h »."""
        return str(self.value) if self.code in IN_WORDS else clock_time(self.value)

    @property
    def sentence(self) -> str:
        """« 7 h par jour au plus »."""
        return self.rule.format(self.told)


LIMITS = tuple(Limit(**one) for one in json.loads(FILE.read_text("utf-8")))
(
    LONGEST_DAY,
    USUAL_WEEK,
    LONGEST_WEEK,
    YOUNG,
    EARLIEST,
    LATEST,
    BREAK_AFTER,
    BREAK,
    NIGHT,
    DAYS_OFF,
) = LIMITS
HINT = (
    f"{LONGEST_DAY.told} par jour et {USUAL_WEEK.told} par semaine au plus, {BREAK.told} min de "
    f"pause après {BREAK_AFTER.told}, pas avant {EARLIEST.told} ni après {LATEST.told}, "
    f"{NIGHT.told} de repos la nuit."
)


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
    if len(days) > 7 - DAYS_OFF.value:
        found.append(Breach(None, f"{DAYS_OFF.sentence}."))
    total = week_minutes(days)
    if not total:
        found.append(Breach(None, "Indiquez les heures d’au moins une demi-journée."))
    elif total > LONGEST_WEEK.value:
        said = f"{LONGEST_WEEK.sentence} : il y en a {clock_time(total)} ici."
        found.append(Breach(None, said))
    elif total > USUAL_WEEK.value and not long_week:
        found.append(
            Breach(
                None,
                f"Cela fait {clock_time(total)} par semaine. Cochez la case qui confirme plus de "
                f"{USUAL_WEEK.told}, ou raccourcissez.",
            )
        )
    return found


def week_minutes(days: Sequence[Day]) -> int:
    """How long the presence of a week is."""
    return sum(day.minutes for day in days)


def too_long_for(birth_date: date, monday: date, days: Sequence[Day]) -> bool:
    """Whether a pupil is too young, on the first day, for a week longer than the usual one."""
    if week_minutes(days) <= USUAL_WEEK.value:
        return False
    had_birthday = (monday.month, monday.day) >= (birth_date.month, birth_date.day)
    return monday.year - birth_date.year - (not had_birthday) < YOUNG.value


def _of_day(day: Day) -> Iterator[str]:
    for span in day.spans:
        if span.start >= span.end:
            yield f"{clock_time(span.end)} vient avant {clock_time(span.start)} : corrigez l’heure."
            return
    if day.morning and day.afternoon and day.afternoon.start < day.morning.end:
        yield "L’après-midi commence avant la fin de la matinée : corrigez l’heure."
        return
    if day.spans[0].start < EARLIEST.value:
        yield f"{EARLIEST.sentence} : commencez plus tard."
    if day.spans[-1].end > LATEST.value:
        yield f"{LATEST.sentence} : finissez plus tôt."
    if day.minutes > LONGEST_DAY.value:
        until = day.spans[-1].end - (day.minutes - LONGEST_DAY.value)
        yield f"{LONGEST_DAY.sentence}. Finissez à {clock_time(until)}."
    if _longest_stretch(day) > BREAK_AFTER.value:
        yield f"Il faut {BREAK.told} minutes de pause après {BREAK_AFTER.told} de présence."


def _longest_stretch(day: Day) -> int:
    """The longest presence without half an hour of rest."""
    if day.morning and day.afternoon and day.afternoon.start - day.morning.end < BREAK.value:
        return day.minutes
    return max(span.end - span.start for span in day.spans)


def _nights(days: Sequence[Day]) -> Iterator[Breach]:
    for one, following in pairwise(days):
        rest = 24 * 60 - one.spans[-1].end + following.spans[0].start
        if following.weekday == one.weekday + 1 and rest < NIGHT.value:
            start = one.spans[-1].end + NIGHT.value - 24 * 60
            yield Breach(
                following.weekday,
                f"{NIGHT.told} de repos après le {one.name} : commencez à {clock_time(start)} au "
                "plus tôt.",
            )
