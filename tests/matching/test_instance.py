"""Instances refuse what is malformed, and survive every way of writing them down."""

import numpy as np
import pytest
from hypothesis import given, settings

from matching import (
    POLICIES,
    Arc,
    ChoiceRow,
    Instance,
    InvalidInstance,
    PupilRow,
    Result,
    build_instance,
    solve,
)
from matching.formats import arrays_of
from tests.matching import oracle

GOOD = {
    "tier": [0, 3],
    "school": [1, 2],
    "wish": [[0, 1], [1, -1]],
    "cap": [1, 2],
}


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"wish": [[0, 5], [1, -1]]}, "wish: row 0 is out of range"),
        ({"wish": [[0, 1], [1, 1]]}, "wish: row 1 lists the same choice twice"),
        ({"wish": [[-1, 1], [1, -1]]}, "wish: row 0 has a wish after the padding"),
        ({"wish": [0, 1]}, "wish: two dimensions are wanted, not 1"),
        ({"wish": [[0, 1], [1]]}, "wish: the rows do not have the same length"),
        ({"cap": [1, -2]}, "cap: row 1 is negative"),
        ({"cap": [1.0, float("nan")]}, "cap: row 1 is not an integer"),
        ({"cap": ["un", "deux"]}, "cap: integers are wanted"),
        ({"cap": [1, 2**40]}, "cap: row 1 does not fit in 32 bits"),
        ({"tier": [0, 4]}, "tier: row 1 is out of range"),
        ({"tier": [0]}, "tier: 1 rows instead of 2"),
        ({"school": [1, 1]}, "tier: row 1 differs within its school"),
        ({"dist": [[1, 2]]}, "dist: shape (1, 2), but wish has (2, 2)"),
        ({"rank": [[2, 1], [1, 1]]}, "rank: row 0 is not in the order of the wishes"),
        ({"rank": [[0, 1], [1, 1]]}, "rank: row 0 is not within 1 to 100"),
        ({"completion": [[0, 2], [0, 0]]}, "completion: row 0 is neither true nor false"),
        ({"lottery": [1, 1]}, "lottery: row 0 has a position already drawn"),
        ({"lock": [-2, 0]}, "lock: row 1 is on a choice not listed, or banned"),
        ({"ban": [[1, 0], [0, 0]], "lock": [0, -2]}, "lock: row 0 is on a choice not listed"),
        ({"reserve": [0, 3]}, "reserve: row 1 keeps more seats than the choice has"),
        ({"pool": [0, -1]}, "pool: row 0 is out of range"),
        ({"parc_ptr": [0, 1, 1]}, "parc_ptr: it does not cover parc_seg from 0 to its end"),
        (
            {"parc_ptr": [0, 2, 1], "parc_seg": [0], "seg_cap": [1]},
            "parc_ptr: row 1 goes down",
        ),
        ({"pupil_key": [7, 7]}, "pupil_key: row 1 has a key already used"),
    ],
)
def test_a_malformed_array_is_refused_in_one_line_that_names_it(change, line):
    with pytest.raises(InvalidInstance) as refusal:
        Instance(**(GOOD | change))
    assert str(refusal.value).startswith(line)
    assert "\n" not in str(refusal.value)


def test_a_missing_array_is_named():
    with pytest.raises(InvalidInstance, match="cap: this array is missing"):
        Instance.from_json('{"tier": [], "school": [], "wish": []}')


@settings(max_examples=30, deadline=None)
@given(oracle.instances())
def test_npz_and_json_give_the_instance_back(instance):
    for copy in (Instance.from_npz(instance.to_npz()), Instance.from_json(instance.to_json())):
        for name, array in arrays_of(instance).items():
            assert (getattr(copy, name) == array).all(), name
        assert copy.sha256 == instance.sha256


def test_bytes_on_disk_depend_on_nothing_but_the_arrays(tmp_path):
    instance = Instance(**GOOD)
    instance.to_npz(tmp_path / "a.npz")
    assert (tmp_path / "a.npz").read_bytes() == instance.to_npz()
    assert [p.name for p in tmp_path.iterdir()] == ["a.npz"]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"hello"])
def test_a_file_that_is_not_an_npz_is_refused_in_one_line(content):
    with pytest.raises(InvalidInstance) as refusal:
        Instance.from_npz(content)
    assert "\n" not in str(refusal.value)


def test_one_changed_seat_changes_the_hash():
    assert Instance(**GOOD).sha256 != Instance(**(GOOD | {"cap": [1, 3]})).sha256


def test_completions_rank_after_the_last_chosen_wish():
    instance = Instance(
        tier=[0], school=[0], wish=[[2, 0, 1]], cap=[1, 1, 1], completion=[[0, 1, 1]]
    )
    assert instance.rank.tolist() == [[1, 2, 2]]


def test_rows_with_keys_become_an_instance():
    instance = build_instance(
        pupils=[
            PupilRow(70, 0, 1, [Arc(11, 2, 30), Arc(10, 1, 5), Arc(12, completion=True)], lock=11),
            PupilRow(71, 0, 1, [], lock=-1),
        ],
        choices=[
            ChoiceRow(10, 2, pool=5),
            ChoiceRow(11, 1, pool=5),
            ChoiceRow(12, 1, segments=[8]),
        ],
        pools={5: 2},
        segments={8: 1},
    )
    assert instance.wish.tolist() == [[0, 1, 2], [-1, -1, -1]]
    assert instance.lock.tolist() == [1, -1]
    assert instance.is_pathway.tolist() == [False, False, True]


def test_a_pathway_without_segment_is_refused():
    with pytest.raises(InvalidInstance, match="parc_seg: row 0 is a pathway without segment"):
        build_instance([], [ChoiceRow(10, 2, segments=[])])


def test_results_survive_being_written_down():
    instance = Instance(**GOOD)
    result = solve(instance, POLICIES["priority"], seed=b"\x00\xff")
    copy = Result.from_npz(result.to_npz())
    assert copy.objective == result.objective
    assert copy.seed == b"\x00\xff"
    assert copy.proof == result.proof
    assert (copy.prices.value == result.prices.value).all()
    with pytest.raises(InvalidInstance):
        Result.from_npz(instance.to_npz())


def test_arrays_cannot_be_changed_after_validation():
    with pytest.raises(ValueError, match="read-only"):
        Instance(**GOOD).cap[0] = 9
    assert isinstance(Instance(**GOOD).cap, np.ndarray)
