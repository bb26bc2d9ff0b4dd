"""No small count can be recomputed from what is published."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from web.services.suppression import Hidden, shown

ROWS, COLUMNS = range(2), range(3)
CELLS = [(row, column) for row in ROWS for column in COLUMNS]
ROW_SUMS = [((row, "all"), tuple((row, column) for column in COLUMNS)) for row in ROWS]
COLUMN_SUMS = [
    (("all", column), tuple((row, column) for row in ROWS)) for column in (*COLUMNS, "all")
]
SUMS = [*ROW_SUMS, *COLUMN_SUMS]


def table(values):
    counts = dict(zip(CELLS, values, strict=True))
    for whole, parts in SUMS:
        counts[whole] = sum(counts[part] for part in parts)
    return counts


def possible(told):
    """Every table that a reader cannot rule out, searched among small ones."""
    choices = []
    for cell in CELLS:
        said = told[cell]
        if said is Hidden.FEW:
            choices.append(range(1, 5))
        elif said is Hidden.ASIDE:
            choices.append(range(5, 12))
        else:
            choices.append((said,))
    for values in itertools.product(*choices):
        counts = table(values)
        if all(agrees(told[key], value) for key, value in counts.items()):
            yield counts


def agrees(said, value):
    if said is Hidden.FEW:
        return 0 < value < 5
    return value >= 5 if said is Hidden.ASIDE else said == value


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=6, max_size=6))
def test_no_small_count_can_be_recomputed(values):
    counts = table(values)
    told = shown(counts, SUMS)
    assert all(agrees(told[key], value) for key, value in counts.items())
    unsure = {key for key, said in told.items() if said is Hidden.FEW}
    for other in possible(told):
        unsure -= {key for key in unsure if other[key] != counts[key]}
        if not unsure:
            break
    assert not unsure, told


def test_a_table_without_small_groups_is_published_whole():
    counts = table([5, 6, 7, 8, 0, 9])
    assert shown(counts, SUMS) == counts


def test_the_least_useful_count_is_hidden_first():
    counts = {"placed": 90, "unplaced": 3, "silent": 7, "all": 100}
    sums = [("all", ("placed", "unplaced", "silent"))]
    price = {"placed": 50, "unplaced": 1, "silent": 2, "all": 99}
    told = shown(counts, sums, price.__getitem__)
    assert told == {"placed": 90, "unplaced": Hidden.FEW, "silent": Hidden.ASIDE, "all": 100}


def test_hidden_counts_protect_each_other():
    counts = {"a": 2, "b": 3, "c": 20, "all": 25}
    told = shown(counts, [("all", ("a", "b", "c"))])
    assert told == {"a": Hidden.FEW, "b": Hidden.FEW, "c": 20, "all": 25}


def test_what_is_never_published_ties_the_rest_together():
    """Two papers that differ by one small group: the larger count of one is hidden too."""
    counts = {"network": 20, "others": 3, "territory": 23}
    told = shown(counts, [("territory", ("network", "others"))], unsaid={"others"})
    assert (told["network"], told["territory"]) == (20, 23)
    told = shown(counts, [("territory", ("network", "others"))])
    assert told["others"] is Hidden.FEW
    assert Hidden.ASIDE in (told["network"], told["territory"])
