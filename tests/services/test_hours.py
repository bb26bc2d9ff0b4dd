"""What the law allows of a week, and how it is said."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import USUAL, Day, Span, read_days, store_days, written
from web.services.hours import LIMITS, breaches, too_long_for, week_minutes


def every_day(start, end, again, until):
    return tuple(Day(n, Span(start, end), Span(again, until)) for n in range(5))


@pytest.mark.parametrize(
    ("days", "weekday", "said"),
    [
        ((Day(1, Span(540, 720), Span(780, 1080)),), 1, "Finissez à 17 h."),
        ((Day(0, Span(330, 600), None),), 0, "Pas avant 6 h"),
        ((Day(0, None, Span(1080, 1215)),), 0, "Pas après 20 h"),
        ((Day(2, Span(480, 760), None),), 2, "30 minutes de pause"),
        ((Day(2, Span(480, 700), Span(720, 800)),), 2, "30 minutes de pause"),
        ((Day(0, None, Span(900, 1200)), Day(1, Span(540, 700), None)), 1, "à 10 h au plus tôt"),
        ((Day(3, Span(720, 540), None),), 3, "9 h vient avant 12 h"),
        ((Day(3, Span(540, 720), Span(700, 800)),), 3, "commence avant la fin"),
        ((), None, "au moins une demi-journée"),
    ],
)
def test_a_breach_is_told_at_its_day_with_what_to_do(days, weekday, said):
    found = breaches(days, long_week=True)
    assert [one for one in found if one.weekday == weekday and said in one.sentence], found


def test_the_usual_week_is_allowed_and_a_long_one_is_confirmed_once():
    assert breaches(USUAL, long_week=False) == []
    long = every_day(540, 720, 780, 990)
    [one] = breaches(long, long_week=False)
    assert one.weekday is None
    assert "32 h 30" in one.sentence
    assert breaches(long, long_week=True) == []
    assert breaches(every_day(510, 720, 780, 1000), long_week=True)[-1].sentence.startswith("35 h")


def test_a_pupil_under_fifteen_has_thirty_hours():
    long, monday = every_day(540, 720, 780, 990), date(2026, 12, 7)
    assert too_long_for(date(2011, 12, 8), monday, long)
    assert not too_long_for(date(2011, 12, 7), monday, long)
    assert not too_long_for(date(2012, 1, 1), monday, USUAL)


def test_hours_read_as_people_say_them():
    assert written(USUAL) == "Du lundi au vendredi, 9 h – 12 h et 13 h – 16 h"
    split = (
        Day(0, Span(540, 720), None),
        Day(1, Span(540, 720), None),
        Day(4, None, Span(810, 960)),
    )
    assert written(split) == "Lundi et mardi, 9 h – 12 h ; vendredi, 13 h 30 – 16 h"
    assert written(()) == ""


def test_each_limit_names_its_source_and_says_its_value():
    told = {limit.code: limit.sentence for limit in LIMITS}
    assert all(limit.source for limit in LIMITS)
    assert told["longest_day"] == "7 h par jour au plus"
    assert told["break_after"] == "Une pause dès 4 h 30 de présence"
    assert told["days_off"].startswith("2 jours de repos")


spans = st.none() | st.tuples(st.integers(0, 700), st.integers(701, 1439)).map(lambda s: Span(*s))


@given(st.lists(st.builds(Day, st.integers(0, 4), spans, spans), unique_by=lambda day: day.weekday))
def test_what_is_stored_is_read_back(days):
    present = tuple(sorted((day for day in days if day.spans), key=lambda day: day.weekday))
    assert read_days(store_days(days)) == present
    assert week_minutes(present) == week_minutes(days)
