"""The draw made again from what is public: the commitment, the seed, the place of every pupil.

Written apart from `draws.py`, with nothing but SHA-256 and a sort, so that one checks the other.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

from matching import draws
from matching.instance import Instance
from matching.result import Result


@dataclass(frozen=True)
class DrawCheck:
    """What was found; None where nothing was given to compare with."""

    commitment: bool | None
    """The secret is the one whose SHA-256 was published when the wishes opened."""
    seed: bool
    """The result was computed with SHA-256(secret ‖ public value), in hexadecimal."""
    positions: bool
    """Every pupil has the place in the draw that this seed and her key give."""
    pupils: int

    @property
    def right(self) -> bool:
        """Whether nothing disagrees."""
        return self.commitment is not False and self.seed and self.positions


def public_seed(secret: str, value: str = "") -> str:
    """The seed of a round: SHA-256 of the secret followed by the public value."""
    return hashlib.sha256(f"{secret}{value}".encode()).hexdigest()


def number_of(seed: str, key: int) -> str:
    """The number drawn for one pupil: the smallest comes first.

    >>> number_of(public_seed("secret", "7 12 31"), 42)[:12]
    '8a1b6d1ab7c8'
    """
    return hashlib.sha256(f"{seed}{key}".encode()).hexdigest()


def check_draw(
    instance: Instance, result: Result, secret: str, value: str = "", commitment: str = ""
) -> DrawCheck:
    """Make the draw of a run again and compare it with what the run used."""
    seed = public_seed(secret, value)
    used = (result.seed or b"").decode(errors="replace")
    keys = instance.pupil_key.tolist()
    order = sorted(range(len(keys)), key=lambda i: number_of(seed, keys[i]))
    place = np.empty(len(keys), np.int64)
    place[order] = np.arange(len(keys))
    return DrawCheck(
        commitment=(
            hashlib.sha256(secret.encode()).hexdigest() == commitment.replace(" ", "").lower()
            if commitment
            else None
        ),
        seed=used == seed,
        positions=bool((draws.positions(instance.pupil_key, seed) == place).all()),
        pupils=len(keys),
    )
