"""A day's hours as four boxes, and the part of a form that holds a week of them."""

import re
from typing import Any, NamedTuple

from wtforms import BooleanField, Field, Form, StringField
from wtforms.validators import StopValidation

from models import USUAL, WEEKDAYS, Day, Span
from web.forms.base import BaseForm, at_most
from web.services.hours import LONGEST_WEEK, USUAL_WEEK, YOUNG, breaches
from web.services.offer_drafts import day_field

CLOCK = re.compile(r"(\d{1,2})\s*(?:[h:.]\s*(\d{2})?)?\s*", re.IGNORECASE)
BOXES = (
    ("start", "Matin, de"),
    ("end", "à"),
    ("again", "Après-midi, de"),
    ("until", "à"),
)


class DayBoxes:
    """Marks a field that the page draws as four boxes."""


class Box(NamedTuple):
    """One of the four boxes of a day."""

    id: str
    label: str
    spoken: str
    value: str


class DayField(Field):
    """The hours of one weekday; its data is a `Day`, or None when all boxes are empty."""

    widget = DayBoxes()

    def __init__(self, *args: Any, weekday: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.weekday = weekday
        self.texts = [""] * 4

    @property
    def parts(self) -> list[Box]:
        """What the page draws: read aloud, each box names its day."""
        day = WEEKDAYS[self.weekday]
        return [
            Box(f"{self.id}-{code}", label, f"{day}, {spoken}", text)
            for (code, label), spoken, text in zip(
                BOXES,
                ("matin, de", "matin, à", "après-midi, de", "après-midi, à"),
                self.texts,
                strict=True,
            )
        ]

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """Read the four boxes, or the day of the object."""
        super().process(None, *args, **kwargs)
        if self.data:
            spans = (self.data.morning, self.data.afternoon)
            moments = [moment for span in spans for moment in (span or (None, None))]
            self.texts = ["" if m is None else f"{m // 60:02}:{m % 60:02}" for m in moments]
        names = [f"{self.name}-{code}" for code, _ in BOXES]
        if formdata is not None and any(name in formdata for name in names):
            self.texts = [formdata.get(name, "").strip() for name in names]
            self._read()

    def _read(self) -> None:
        self.data = None
        try:
            start, end, again, until = (_minutes(text) for text in self.texts)
            spans = _span("matin", start, end), _span("après-midi", again, until)
        except ValueError as slip:
            self.process_errors.append(str(slip))
            return
        if any(spans):
            self.data = Day(self.weekday, *spans)

    def pre_validate(self, form: Form) -> None:
        """Keep the message about what was typed."""
        if self.process_errors:
            raise StopValidation


class WeekPart(BaseForm):
    """The hours of a week: Monday's for every day, or each day its own."""

    same_days = BooleanField("Les mêmes heures du lundi au vendredi")
    long_week = BooleanField(
        f"Je confirme plus de {USUAL_WEEK.told} par semaine ({LONGEST_WEEK.told} au plus). "
        f"Avant {YOUNG.told} ans, {USUAL_WEEK.told} s’appliquent"
    )
    hours_note = StringField("Précisions sur les horaires", [at_most(200)])

    def days(self) -> tuple[Day, ...]:
        """The days of presence that were typed."""
        if self.same_days.data:
            monday: Day | None = self["day-0"].data
            return tuple(monday._replace(weekday=n) for n in range(5)) if monday else ()
        typed = (self[day_field(n)].data for n in range(5))
        return tuple(day for day in typed if day)

    def show_days(self, days: tuple[Day, ...], *, alone: bool = True) -> None:
        """Fill the boxes with the days of an offer, or with the usual ones for a whole week."""
        shown = {day.weekday: day for day in days or (USUAL if alone else ())}
        for weekday in range(5):
            self[day_field(weekday)].process(None, shown.get(weekday))
        self.same_days.data = len({day[1:] for day in shown.values()}) == 1 and len(shown) == 5

    def validate(self, extra_validators: Any = None) -> bool:
        """Check each field, then the law, at the day where it breaks."""
        valid = super().validate(extra_validators)
        if any(self[day_field(weekday)].errors for weekday in range(5)):
            return False
        found = breaches(self.days(), long_week=self.long_week.data)
        for breach in found:
            weekday = 0 if self.same_days.data and breach.weekday is not None else breach.weekday
            field = self[day_field(weekday)]
            if breach.sentence not in field.errors:
                field.errors = [*field.errors, breach.sentence]
        return valid and not found


for _weekday, _name in enumerate(WEEKDAYS):
    setattr(WeekPart, day_field(_weekday), DayField(_name.capitalize(), weekday=_weekday))


def _minutes(text: str) -> int | None:
    if not text:
        return None
    found = CLOCK.fullmatch(text)
    hours, rest = (int(found[1]), int(found[2] or 0)) if found else (99, 99)
    if hours > 23 or rest > 59:
        raise ValueError(f"« {text[:20]} » n’est pas une heure. Par exemple : 9 h ou 13 h 30.")
    return 60 * hours + rest


def _span(half: str, start: int | None, end: int | None) -> Span | None:
    if start is None and end is None:
        return None
    if start is None or end is None:
        raise ValueError(f"Écrivez les deux heures de la demi-journée, ou aucune : {half}.")
    return Span(start, end)
