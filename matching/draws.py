"""The two draws: who comes first, and which of two equal solutions is taken.

Position of a pupil: rank of SHA-256(seed ‖ key), the key in decimal digits. A family recomputes
its own number with `printf '%s%s' SEED KEY | sha256sum`.
Pair draw: 40 bits of a mixer keyed by the seed, given here in full:

    k0, k1 = the first two little-endian 64-bit words of SHA-256(seed ‖ "/pair")
    mix(x) = splitmix64's finaliser (shifts 30, 27, 31)
    draw(p, c) = mix(mix(p + k0) xor (c + k1) · 0x9E3779B97F4A7C15) >> 24      (modulo 2^64)
"""

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Seed = int | str | bytes
Ints = NDArray[np.int64]
PAIR_BITS = 40
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def seed_bytes(seed: Seed) -> bytes:
    """Return a seed as bytes: text as UTF-8, an integer as its decimal digits."""
    if isinstance(seed, bytes):
        return seed
    return str(seed).encode()


def digest(seed: Seed, pupil_key: int) -> bytes:
    """Return the number drawn for one pupil; the smallest comes first."""
    return hashlib.sha256(seed_bytes(seed) + str(pupil_key).encode()).digest()


def positions(pupil_key: Ints, seed: Seed) -> Ints:
    """[n] position of each pupil in the draw, 0 first; read-only, kept for the next call."""
    return _positions(np.asarray(pupil_key, np.int64).tobytes(), seed_bytes(seed))


@lru_cache(maxsize=4)
def _positions(keys: bytes, seed: bytes) -> Ints:
    start = hashlib.sha256(seed)
    pupils = np.frombuffer(keys, np.int64)
    drawn = np.empty(len(pupils), "S32")
    for row, key in enumerate(pupils.tolist()):
        one = start.copy()
        one.update(b"%d" % key)
        drawn[row] = one.digest()
    place = np.empty(len(pupils), np.int64)
    place[np.argsort(drawn, kind="stable")] = np.arange(len(drawn))
    place.flags.writeable = False
    return place


def pair_draws(pupil_key: Ints, choice_key: Ints, seed: Seed) -> Ints:
    """40-bit draws of pairs (pupil, choice); the two arrays of keys broadcast together."""
    words = hashlib.sha256(seed_bytes(seed) + b"/pair").digest()
    k0, k1 = np.frombuffer(words[:16], "<u8")
    pupil = _mix(pupil_key.astype(np.uint64) + k0)
    return (_mix(pupil ^ (choice_key.astype(np.uint64) + k1) * _GOLDEN) >> np.uint64(24)).astype(
        np.int64
    )


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
