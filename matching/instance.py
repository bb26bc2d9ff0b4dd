"""The problem as arrays: pupils, their wishes, the seats and the side conditions."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from matching import checks, formats
from matching.checks import InvalidInstance

Ints = NDArray[np.int64]
Small = NDArray[np.int32]
Flags = NDArray[np.bool_]

FREE, UNPLACED = -2, -1  # values of `lock` beside the index of a choice


OPTIONAL: Any = None  # `__post_init__` puts an array of the right length in its place


@dataclass(frozen=True, eq=False)
class Instance:
    """One assignment problem. Arrays are read-only; `InvalidInstance` names what is wrong.

    n pupils, m choices, k columns of wishes. A row of `wish` holds choice indices, best first,
    then −1; `rank` is 1 for the best (ties allowed), and a completion ranks just after the last
    chosen wish whatever is given. Distances are in units of 100 m.
    """

    tier: Small  # [n] 0 REP+, 1 REP, 2 QPV, 3 other: constant within a school
    school: Small  # [n]
    wish: Small  # [n, k] index of a choice, −1 padding
    cap: Small  # [m] seats
    dist: Small = OPTIONAL  # [n, k]
    rank: Small = OPTIONAL  # [n, k]; default: the column + 1
    completion: Flags = OPTIONAL  # [n, k] accepted in advance, not chosen
    ban: Flags = OPTIONAL  # [n, k] an arc that may not be used
    lottery: Small = OPTIONAL  # [n] a permutation; the draw when there is no seed
    lock: Small = OPTIONAL  # [n] −2 free, −1 nowhere, else the choice
    later: Small = OPTIONAL  # [n] 1: in the draw, after the pupils of its tier that have 0
    held: Small = OPTIONAL  # [n] choice held before this run, −1 none (for keep_rest)
    week: Small = OPTIONAL  # [m]
    host: Small = OPTIONAL  # [m]
    school_cap: Small = OPTIONAL  # [m] at most so many pupils of one school, 0 = no limit
    reserve: Small = OPTIONAL  # [m] seats kept for tiers 0 and 1
    min_group: Small = OPTIONAL  # [m] opens with so many pupils or stays shut, 0 = none
    pool: Small = OPTIONAL  # [m] pool that the choice draws on, −1 none
    pool_cap: Small = OPTIONAL  # [pools]
    parc_ptr: Small = OPTIONAL  # [m + 1] slices of parc_seg; not empty = pathway
    parc_seg: Small = OPTIONAL  # segments of each pathway
    seg_cap: Small = OPTIONAL  # [segments]
    pupil_key: Ints = OPTIONAL  # [n] random keys; default: the index
    choice_key: Ints = OPTIONAL  # [m]

    def __post_init__(self) -> None:
        for name, value in checks.normalise({f.name: getattr(self, f.name) for f in fields(self)}):
            value.flags.writeable = False
            object.__setattr__(self, name, value)

    @property
    def n(self) -> int:
        """Number of pupils."""
        return len(self.tier)

    @property
    def m(self) -> int:
        """Number of choices."""
        return len(self.cap)

    @property
    def k(self) -> int:
        """Columns of `wish`."""
        return int(self.wish.shape[1])

    @cached_property
    def is_pathway(self) -> Flags:
        """[m] true where the choice takes segments."""
        return np.diff(self.parc_ptr) > 0

    @cached_property
    def open_arc(self) -> Flags:
        """[n, k] arcs that a solver may use: listed, not banned, and agreeing with the lock."""
        lock = self.lock[:, None]
        allowed: Flags = (self.wish >= 0) & ~self.ban & ((lock == FREE) | (self.wish == lock))
        return allowed

    def segments_of(self, choice: int) -> Small:
        """Return the distinct segments that a choice takes a place in."""
        a, b = self.parc_ptr[choice], self.parc_ptr[choice + 1]
        return np.unique(self.parc_seg[a:b])

    def column_of(self, choice: ArrayLike) -> Ints:
        """[n] column of each pupil's choice in its row of `wish`; −1 if unplaced or unlisted."""
        chosen = np.asarray(choice)
        hit = (self.wish == chosen[:, None]) & (chosen[:, None] >= 0)
        found = hit.any(axis=1) if self.k else np.zeros(self.n, bool)
        return np.where(found, hit.argmax(axis=1) if self.k else 0, -1)

    def with_locks(self, locks: Mapping[int, int] | None) -> Self:
        """Return the same instance where pupil i is locked to a choice, −1 nowhere, −2 freed."""
        if not locks:
            return self
        lock = self.lock.copy()
        for pupil, choice in locks.items():
            if not 0 <= pupil < self.n:
                raise InvalidInstance(f"locks: no pupil at row {pupil}")
            lock[pupil] = choice
        return replace(self, lock=lock)

    @cached_property
    def canonical_order(self) -> tuple[Ints, Ints]:
        """Permutations that sort pupils and choices by their keys."""
        return np.argsort(self.pupil_key), np.argsort(self.choice_key)

    def canonical(self) -> "Instance":
        """Return the same problem with pupils, choices and wishes in the order of their keys."""
        return self._canonical

    @cached_property
    def _canonical(self) -> "Instance":
        return formats.canonical(self)

    @cached_property
    def sha256(self) -> str:
        """Hash of the canonical form: equal for the same problem whatever the order of its rows."""
        digest = hashlib.sha256(b"tremplin3e-instance-1")
        for name, array in formats.arrays_of(self.canonical()).items():
            digest.update(f"{name}{array.dtype.str}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def to_npz(self, path: str | Path | None = None) -> bytes:
        """Return the instance as the bytes of an .npz, also written whole to `path` if given."""
        return formats.write_npz(formats.arrays_of(self), path)

    @classmethod
    def from_npz(cls, source: bytes | str | Path) -> Self:
        """Read an .npz from bytes or from a file; arrays that we do not know are ignored."""
        known = {f.name for f in fields(cls)}
        return cls._from_arrays({k: v for k, v in formats.read_npz(source).items() if k in known})

    def to_json(self) -> str:
        """Return the instance as JSON text (lists of integers)."""
        return formats.write_json(formats.arrays_of(self))

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read what `to_json` wrote; an unknown name is refused."""
        arrays = formats.read_json(text)
        unknown = set(arrays) - {f.name for f in fields(cls)}
        if unknown:
            raise InvalidInstance(f"{min(unknown)}: no such array in an instance")
        return cls._from_arrays(arrays)

    @classmethod
    def _from_arrays(cls, arrays: Mapping[str, Any]) -> Self:
        missing = {"tier", "school", "wish", "cap"} - set(arrays)
        if missing:
            raise InvalidInstance(f"{min(missing)}: this array is missing")
        return cls(**arrays)
