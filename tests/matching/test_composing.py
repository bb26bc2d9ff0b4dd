"""Weeks composed of half-days: against every possibility on tiny pools, and rule by rule."""

from dataclasses import fields, replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.checks import InvalidInstance
from matching.composing import HalfDays, Rules, compose, follows

AM, PM = (540, 720), (780, 960)


def pool(*rows, **changes):
    """Half-days from (host, state, family, weekday, afternoon, seats[, x])."""
    filled = [(*row, 0)[:7] for row in rows]
    host, state, family, weekday, afternoon, seats, x = np.array(filled, np.int64).reshape(-1, 7).T
    columns = {
        "key": np.arange(len(filled)),
        "host": host,
        "state": state,
        "family": family,
        "weekday": weekday,
        "afternoon": afternoon,
        "start": np.where(afternoon, PM[0], AM[0]),
        "end": np.where(afternoon, PM[1], AM[1]),
        "seats": seats,
        "x": x,
        "y": np.zeros(len(filled), np.int64),
    }
    return HalfDays(**columns | changes)


def whole_week(host, state=0, family=0, seats=1, days=range(5), x=0):
    return [(host, state, family, d, a, seats, x) for d in days for a in (0, 1)]


def every_week(half, rules):
    """Every way through the week, as rows."""
    found, rows = [], range(len(half))
    first = [r for r in rows if half.weekday[r] == 0]
    stack = [(r,) for r in first if 0 in rules.free or not half.afternoon[r]]
    while stack:
        path = stack.pop()
        if half.weekday[path[-1]] == 4 and (half.afternoon[path[-1]] or 9 in rules.free):
            found.append(path)
        stack += [(*path, r) for r in rows if follows(half, path[-1], r, rules)]
    return found


def value_of(half, path):
    """The six criteria of one pupil in a week; the last two count against."""
    steps = list(pairwise(path))
    travel = sum(round(abs(int(half.x[a]) - int(half.x[b])) / 100) for a, b in steps)
    return (
        1,
        len(path),
        int(len({int(half.state[r]) for r in path}) > 1),
        int(len({int(half.family[r]) for r in path}) > 1),
        -sum(int(half.host[a] != half.host[b]) for a, b in steps),
        -travel,
    )


def best_by_hand(half, rules):
    """The best sum of criteria over every set of weeks that the seats allow."""
    weeks = [(path, value_of(half, path)) for path in every_week(half, rules)]

    @cache
    def best(number, seats):
        if number == len(weeks):
            return (0,) * 6
        path, value = weeks[number]
        top = best(number + 1, seats)
        if all(seats[r] for r in path):
            left = tuple(s - (r in path) for r, s in enumerate(seats))
            top = max(top, tuple(a + b for a, b in zip(value, best(number, left), strict=True)))
        return top

    return best(0, tuple(map(int, half.seats)))


@st.composite
def pools(draw):
    """Up to eleven half-days that make few weeks, at places 0, 4 and 12 km along a road."""
    rows = []
    for weekday in range(5):
        for _ in range(draw(st.integers(1, 3 if len(rows) < 5 else 2))):
            host = draw(st.integers(0, 3))
            rows.append(
                (
                    host,
                    host % 2,
                    draw(st.integers(0, 1)),
                    weekday,
                    draw(st.integers(0, 1)),
                    draw(st.integers(1, 2)),
                    [0, 4000, 4000, 12000][host],
                )
            )
    return pool(*rows)


@settings(max_examples=25, deadline=None)
@given(
    half=pools(),
    free=st.sampled_from([(1, 3, 5, 7, 9), tuple(range(10)), (0, 2, 3, 5, 6, 8)]),
    shuffle=st.randoms(use_true_random=False),
)
def test_best_of_all_possible_sets_of_weeks(half, free, shuffle):
    rules = Rules(free=free)
    found = compose(half, rules)
    signs = (1, 1, 1, 1, -1, -1)
    values = tuple(s * level.value for s, level in zip(signs, found.levels, strict=True))
    assert values == best_by_hand(half, rules)
    assert found.proved
    used = np.zeros(len(half), int)
    for week in found.weeks:
        assert list(week.steps) in [list(path) for path in every_week(half, rules)]
        used[list(week.steps)] += week.seats
        assert (int(week.mixed), int(week.varied)) == value_of(half, week.steps)[2:4]
    assert (used <= half.seats).all()
    assert (found.pupils, found.used) == values[:2]
    order = list(range(len(half)))
    shuffle.shuffle(order)
    assert compose(half.taken(np.array(order)), rules).weeks == found.weeks


def test_prefecture_then_company_makes_one_mixed_week_of_ten_half_days():
    half = pool(
        *whole_week(0, state=1, family=8, seats=6, days=(0, 1)),
        *whole_week(1, state=1, family=8, seats=7, days=(2,)),
        *whole_week(2, family=3, seats=10, days=(3, 4)),
    )
    found = compose(half)
    (week,) = found.weeks
    assert (week.seats, len(week.steps), week.mixed, week.varied) == (6, 10, True, True)
    assert [level.name for level in found.levels][:2] == ["pupils", "half_days"]


def test_a_week_may_go_without_wednesday_afternoon_only():
    rows = whole_week(0)
    assert compose(pool(*rows[:5], *rows[6:])).pupils == 1
    assert compose(pool(*rows[:5], *rows[6:]), Rules(free=())).pupils == 0
    assert compose(pool(*rows[:4], *rows[5:])).pupils == 0
    assert compose(pool(*rows[:9])).pupils == compose(pool(*rows[1:])).pupils == 0
    assert compose(pool(*rows[1:9]), Rules(free=(0, 9))).used == 8


def test_no_week_without_a_friday():
    assert compose(pool(*whole_week(0, days=range(4)))).weeks == ()
    assert compose(pool()).proved


@pytest.mark.parametrize(
    ("start", "end", "length"),
    [
        ((510, 780), (720, 960), 10),  # Monday morning from 8 h 30: half an hour more, still lawful
        ((300, 780), (480, 960), 9),  # before six
        ((540, 1080), (720, 1230), 9),  # after eight
        ((420, 700), (700, 860), 9),  # nearly five hours without a break
    ],
)
def test_hours_out_of_the_law_are_left_out(start, end, length):
    half = pool(*whole_week(0))
    starts, ends = half.start.copy(), half.end.copy()
    starts[:2], ends[:2] = start, end
    (week,) = compose(replace(half, start=starts, end=ends), Rules(free=(0, 1))).weeks
    assert len(week.steps) == length


def test_rest_of_fourteen_hours_between_two_days():
    half = pool(*whole_week(0))
    ends, starts = half.end.copy(), half.start.copy()
    starts[1], ends[1], starts[2] = 960, 1140, 480  # until 19 h, then from 8 h
    (week,) = compose(replace(half, start=starts, end=ends), Rules(free=(1, 2))).weeks
    assert len(week.steps) == 9
    assert not {1, 2} <= set(week.steps)


def test_travel_beyond_the_limit_parts_two_hosts():
    near, far = whole_week(0, days=(0, 1)), whole_week(1, days=(2, 3, 4), x=10_001)
    assert compose(pool(*near, *far)).pupils == 0
    assert compose(pool(*near, *far), Rules(travel_m=11_000)).pupils == 1


def test_two_hosts_in_a_day_need_time_between_them():
    half = pool(*whole_week(0), *whole_week(1, days=()))
    hosts = half.host.copy()
    hosts[1] = 9
    starts, ends = half.start.copy(), half.end.copy()
    starts[0], ends[0], starts[1], ends[1] = 540, 660, 670, 780
    apart = replace(half, host=hosts, start=starts, end=ends)
    assert compose(apart).weeks == ()
    assert len(compose(apart, Rules(free=(0, 1))).weeks[0].steps) == 9


def test_time_limit_never_claims_more_than_was_proved():
    rows = [row for h in range(12) for row in whole_week(h, h % 2, h % 5, seats=3, x=700 * h)]
    found = compose(pool(*rows), time_limit=0.0)
    for level in found.levels:
        worse = level.value > level.bound if level.name in ("changes", "travel") else False
        assert level.proved or worse or level.value < level.bound


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"weekday": np.full(10, 5)}, "weekday"),
        ({"seats": np.full(10, -1)}, "seats"),
        ({"key": np.zeros(10)}, "key"),
        ({"host": np.zeros(9)}, "host"),
    ],
)
def test_malformed_pools_are_refused_in_one_line(changes, sentence):
    half = pool(*whole_week(0))
    columns = {f.name: getattr(half, f.name) for f in fields(half)}
    with pytest.raises(InvalidInstance, match=sentence):
        HalfDays(**columns | changes)
