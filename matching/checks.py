"""Validation of the arrays of an instance: one clear line naming the array and the row."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
MAX_RANK = 100
TIERS = 4
INT32 = np.iinfo(np.int32)
PUPIL = ("tier", "school", "lottery", "lock", "later", "held", "pupil_key")
CHOICE = ("cap", "week", "host", "school_cap", "reserve", "min_group", "pool", "choice_key")
ARC = ("dist", "rank", "completion", "ban")
COUNTS = ("cap", "school_cap", "reserve", "min_group", "pool_cap", "seg_cap", "dist")
KEYS = ("pupil_key", "choice_key")
FLAGS = ("completion", "ban")


class InvalidInstance(ValueError):  # noqa: N818
    """An instance is malformed; the message is one line naming the array and the row."""


def normalise(given: Mapping[str, Any]) -> Iterator[tuple[str, Array]]:
    """Yield every array of an instance, defaults filled in, checked one by one then together."""
    wish = _matrix("wish", _integers("wish", given["wish"]))
    n = len(wish)
    m = len(_vector("cap", _integers("cap", given["cap"])))
    arrays = {"wish": _typed("wish", wish)}
    for name, default in _defaults(given, n, m, wish.shape[1]).items():
        value = given[name] if given[name] is not None else default
        arrays[name] = _typed(name, _integers(name, value))
    _check_shapes(arrays, n, m)
    _check_ranges(arrays, n, m)
    _check_wishes(arrays)
    _check_pupils(arrays, n)
    _check_choices(arrays)
    arrays["rank"] = _final_ranks(arrays)
    for name in ("dist", "completion", "ban"):
        arrays[name] = np.where(wish >= 0, arrays[name], 0).astype(arrays[name].dtype)
    _check_locks(arrays)
    yield from arrays.items()


def _defaults(given: Mapping[str, Any], n: int, m: int, k: int) -> dict[str, Array]:
    """Return the default of every array but `wish`, in the order of the dataclass."""
    zero, none = np.zeros(m, np.int32), np.full(m, -1, np.int32)
    return {
        "tier": given["tier"],
        "school": given["school"],
        "cap": given["cap"],
        "dist": np.zeros((n, k), np.int32),
        "rank": np.tile(np.arange(1, k + 1, dtype=np.int32), (n, 1)),
        "completion": np.zeros((n, k), bool),
        "ban": np.zeros((n, k), bool),
        "lottery": np.arange(n),
        "lock": np.full(n, -2),
        "later": np.zeros(n, np.int32),
        "held": np.full(n, -1),
        "week": zero,
        "host": zero,
        "school_cap": zero,
        "reserve": zero,
        "min_group": zero,
        "pool": none,
        "pool_cap": np.zeros(0, np.int32),
        "parc_ptr": np.zeros(m + 1, np.int32),
        "parc_seg": np.zeros(0, np.int32),
        "seg_cap": np.zeros(0, np.int32),
        "pupil_key": np.arange(n),
        "choice_key": np.arange(m),
    }


def _integers(name: str, value: Any) -> Array:
    """Return an integer or boolean array; refuse NaN, fractions, text and ragged lists."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise InvalidInstance(f"{name}: the rows do not have the same length") from None
    if array.dtype.kind in "iub":
        if array.dtype == np.uint64 and array.size and array.max() > 2**63 - 1:
            raise InvalidInstance(f"{name}: row {int(array.argmax())} does not fit in 63 bits")
        return array
    if array.size == 0:
        return array.astype(np.int64)
    if array.dtype.kind != "f":
        raise InvalidInstance(f"{name}: integers are wanted")
    bad = ~np.isfinite(array) | (array != np.floor(array)) | (np.abs(array) > 2**53)
    _refuse(bad, name, "is not an integer")
    return array.astype(np.int64)


def _typed(name: str, array: Array) -> Array:
    """Convert to the type that the instance stores, refusing what would not fit."""
    if name in FLAGS:
        _refuse((array != 0) & (array != 1), name, "is neither true nor false")
        return array.astype(bool)
    if name in KEYS:
        return array.astype(np.int64)
    wide = array.astype(np.int64)
    _refuse((wide < INT32.min) | (wide > INT32.max), name, "does not fit in 32 bits")
    return wide.astype(np.int32)


def _matrix(name: str, array: Array) -> Array:
    if array.ndim == 1 and array.size == 0:
        return array.reshape(0, 0)
    if array.ndim != 2:
        raise InvalidInstance(f"{name}: two dimensions are wanted, not {array.ndim}")
    return array


def _vector(name: str, array: Array) -> Array:
    if array.ndim != 1:
        raise InvalidInstance(f"{name}: one dimension is wanted, not {array.ndim}")
    return array


def _refuse(bad: Array, name: str, why: str) -> None:
    """Refuse the first bad row of an array."""
    if bad.any():
        raise InvalidInstance(f"{name}: row {int(np.argwhere(bad)[0][0])} {why}")


def _check_shapes(arrays: dict[str, Array], n: int, m: int) -> None:
    for name in ARC:
        if arrays[name].shape != arrays["wish"].shape:
            raise InvalidInstance(
                f"{name}: shape {arrays[name].shape}, but wish has {arrays['wish'].shape}"
            )
    wanted = dict.fromkeys(PUPIL, n) | dict.fromkeys(CHOICE, m) | {"parc_ptr": m + 1}
    for name, array in arrays.items():
        if name not in ARC and name != "wish":
            _vector(name, array)
        if name in wanted and len(array) != wanted[name]:
            raise InvalidInstance(f"{name}: {len(array)} rows instead of {wanted[name]}")


def _check_ranges(arrays: dict[str, Array], n: int, m: int) -> None:
    for name in COUNTS:
        _refuse(arrays[name] < 0, name, "is negative")
    limits = {
        "tier": (0, TIERS - 1),
        "wish": (-1, m - 1),
        "lock": (-2, m - 1),
        "later": (0, 1),
        "held": (-1, m - 1),
        "lottery": (0, n - 1),
        "pool": (-1, len(arrays["pool_cap"]) - 1),
        "parc_seg": (0, len(arrays["seg_cap"]) - 1),
        "pupil_key": (0, 2**63 - 1),
        "choice_key": (0, 2**63 - 1),
    }
    for name, (low, high) in limits.items():
        _refuse((arrays[name] < low) | (arrays[name] > high), name, "is out of range")


def _check_wishes(arrays: dict[str, Array]) -> None:
    wish, rank = arrays["wish"], arrays["rank"]
    used = wish >= 0
    _refuse(~used[:, :-1] & used[:, 1:], "wish", "has a wish after the padding")
    ordered = np.sort(wish, axis=1)
    twice = (ordered[:, 1:] == ordered[:, :-1]) & (ordered[:, 1:] >= 0)
    _refuse(twice, "wish", "lists the same choice twice")
    chosen = used & ~arrays["completion"]
    _refuse(chosen & ((rank < 1) | (rank > MAX_RANK)), "rank", f"is not within 1 to {MAX_RANK}")
    best = np.maximum.accumulate(np.where(chosen, rank, 0), axis=1)
    _refuse(chosen & (rank < best), "rank", "is not in the order of the wishes")


def _check_pupils(arrays: dict[str, Array], n: int) -> None:
    seen = np.bincount(arrays["lottery"], minlength=n)
    _refuse(seen[arrays["lottery"]] > 1, "lottery", "has a position already drawn")
    for name in KEYS:
        _, first = np.unique(arrays[name], return_index=True)
        repeated = np.ones(len(arrays[name]), bool)
        repeated[first] = False
        _refuse(repeated, name, "has a key already used")
    _, first, inverse = np.unique(arrays["school"], return_index=True, return_inverse=True)
    _refuse(arrays["tier"] != arrays["tier"][first][inverse], "tier", "differs within its school")


def _check_choices(arrays: dict[str, Array]) -> None:
    pointers = arrays["parc_ptr"]
    if pointers[0] != 0 or pointers[-1] != len(arrays["parc_seg"]):
        raise InvalidInstance("parc_ptr: it does not cover parc_seg from 0 to its end")
    _refuse(np.diff(pointers) < 0, "parc_ptr", "goes down")
    _refuse(arrays["reserve"] > arrays["cap"], "reserve", "keeps more seats than the choice has")


def _final_ranks(arrays: dict[str, Array]) -> Array:
    """Give completions the rank after the last chosen wish, and padding 0."""
    wish, rank = arrays["wish"], arrays["rank"]
    chosen = (wish >= 0) & ~arrays["completion"]
    after = np.where(chosen, rank, 0).max(axis=1, initial=0)[:, None] + 1
    return np.where(chosen, rank, np.where(wish >= 0, after, 0)).astype(np.int32)


def _check_locks(arrays: dict[str, Array]) -> None:
    lock = arrays["lock"]
    usable = (arrays["wish"] == lock[:, None]) & ~arrays["ban"]
    _refuse((lock >= 0) & ~usable.any(axis=1), "lock", "is on a choice not listed, or banned")
