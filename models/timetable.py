"""The hours of a place, day by day, as an offer keeps them and as people read them."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi")

Stored = list[list[int | None]]
"""[weekday, morning start, morning end, afternoon start, afternoon end], in minutes."""


class Span(NamedTuple):
    """From a moment of the day to another, in minutes since midnight."""

    start: int
    end: int


class Day(NamedTuple):
    """One day of presence, 0 for Monday; a half-day without presence is None."""

    weekday: int
    morning: Span | None
    afternoon: Span | None

    @property
    def spans(self) -> tuple[Span, ...]:
        """Its half-days of presence."""
        return tuple(span for span in (self.morning, self.afternoon) if span)

    @property
    def minutes(self) -> int:
        """How long its presence is."""
        return sum(span.end - span.start for span in self.spans)

    @property
    def name(self) -> str:
        """« lundi »."""
        return WEEKDAYS[self.weekday]


USUAL = tuple(Day(weekday, Span(540, 720), Span(780, 960)) for weekday in range(5))
"""Thirty hours: nine to twelve and one to four, every day."""


def read_days(stored: Iterable[Sequence[int | None]]) -> tuple[Day, ...]:
    """The days of presence kept with an offer, in order."""
    return tuple(
        Day(weekday or 0, _span(start, end), _span(again, until))
        for weekday, start, end, again, until in stored
    )


def store_days(days: Iterable[Day]) -> Stored:
    """What is kept of days of presence; a day without presence is not."""
    return [
        [day.weekday, *(day.morning or (None, None)), *(day.afternoon or (None, None))]
        for day in sorted(days, key=lambda one: one.weekday)
        if day.spans
    ]


def written(days: Sequence[Day]) -> str:
    """« Du lundi au jeudi, 9 h – 12 h et 13 h – 16 h ; vendredi, 9 h – 12 h »."""
    groups: list[list[Day]] = []
    for day in days:
        if groups and groups[-1][-1][1:] == day[1:] and groups[-1][-1].weekday + 1 == day.weekday:
            groups[-1].append(day)
        else:
            groups.append([day])
    text = " ; ".join(f"{_names(group)}, {_spans(group[0])}" for group in groups)
    return text[:1].upper() + text[1:]


def clock_time(minutes: int) -> str:
    """« 9 h », « 13 h 30 »."""
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02}" if rest else f"{hours} h"


def _span(start: int | None, end: int | None) -> Span | None:
    return None if start is None or end is None else Span(start, end)


def _names(group: Sequence[Day]) -> str:
    if len(group) == 1:
        return group[0].name
    joint = ("", " et ") if len(group) == 2 else ("du ", " au ")
    return f"{joint[0]}{group[0].name}{joint[1]}{group[-1].name}"


def span_words(span: Span) -> str:
    """« 9 h – 12 h »."""
    return f"{clock_time(span.start)} – {clock_time(span.end)}"


def _spans(day: Day) -> str:
    return " et ".join(map(span_words, day.spans))
