"""What a solve gives back: the assignment, its objective, and how far it is proved."""

import json
import platform
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from matching import formats
from matching.checks import InvalidInstance

Ints = NDArray[np.int64]


@cache
def versions_here() -> tuple[tuple[str, str], ...]:
    """What computed: Python and the libraries on which the answer to hard parts depends."""
    libraries = ((name, version(name)) for name in ("numpy", "scipy", "numba", "highspy"))
    return (("python", platform.python_version()), *libraries)


class Infeasible(ValueError):  # noqa: N818
    """No assignment respects the locks: one line names the choice that they overfill."""


@dataclass(frozen=True)
class Proof:
    """How one part of the problem was proved optimal.

    `how`: "certificate" (integer dual prices), "search" (branch and bound closed its gap),
    "replay" (pupils served in turn) or "bound" (time struck, `bound` is what remained).
    `level` counts the criteria proved, in order: all of them for a certificate.
    """

    how: Literal["certificate", "search", "replay", "bound"]
    pupils: int
    choices: int
    level: int
    bound: tuple[int, ...] = ()  # lower bound of the first criterion not proved, in this part


@dataclass(frozen=True, eq=False)
class Prices:
    """Dual prices of the seats, one vector of criteria each; what is not listed costs 0.

    `key[q]` = (kind, index, school): kind 0 the seats of a choice, 1 a pool (index = pool), 2 the
    seats of a choice open to tiers ≥ 2, 3 the seats of a choice open to one school (−1 in the
    other kinds), 4 a segment (index = segment). A pupil at a choice pays all that it takes.
    Only parts proved by certificate have prices.
    """

    key: Ints  # [q, 3]
    value: Ints  # [q, criteria]


@dataclass(frozen=True, eq=False)
class Result:
    """An assignment and its proof. `choice[i]` is the choice of pupil i, −1 without a place."""

    choice: NDArray[np.int32]
    objective: tuple[int, ...]  # one exact sum per criterion, in the policy's order
    policy: str
    seed: bytes | None
    instance_sha256: str
    prices: Prices
    proof: tuple[Proof, ...]
    shut: NDArray[np.int32]  # groups that did not open
    seconds: float = 0.0
    versions: dict[str, str] = field(default_factory=lambda: dict(versions_here()))

    @property
    def proved(self) -> bool:
        """True when no part is left with a bound."""
        return all(p.how != "bound" for p in self.proof)

    def to_npz(self, path: str | Path | None = None) -> bytes:
        """Return the result as the bytes of an .npz, also written whole to `path` if given."""
        about = {
            "objective": [str(v) for v in self.objective],
            "policy": self.policy,
            "seed": None if self.seed is None else self.seed.hex(),
            "instance_sha256": self.instance_sha256,
            "proof": [asdict(p) for p in self.proof],
            "seconds": self.seconds,
            "versions": self.versions,
        }
        arrays: dict[str, NDArray[Any]] = {
            "choice": self.choice,
            "price_key": self.prices.key,
            "price_value": self.prices.value,
            "shut": self.shut,
            "about": np.frombuffer(json.dumps(about).encode(), np.uint8),
        }
        return formats.write_npz(arrays, path)

    @classmethod
    def from_npz(cls, source: bytes | str | Path) -> "Result":
        """Read what `to_npz` wrote; InvalidInstance if it is something else."""
        arrays = formats.read_npz(source)
        absent = sorted({"about", "choice", "price_key", "price_value", "shut"} - set(arrays))
        if absent:
            line = f"not a result file: {absent[0]}: this array is missing"
            raise InvalidInstance(formats.named(source, line))
        try:
            about = json.loads(arrays["about"].tobytes())
            return cls(
                choice=_rows("choice", arrays["choice"]),
                objective=tuple(int(v) for v in about["objective"]),
                policy=str(about["policy"]),
                seed=None if about["seed"] is None else bytes.fromhex(about["seed"]),
                instance_sha256=about["instance_sha256"],
                prices=Prices(
                    _table("price_key", arrays["price_key"]),
                    _table("price_value", arrays["price_value"]),
                ),
                proof=tuple(_proof(p) for p in about["proof"]),
                shut=_rows("shut", arrays["shut"]),
                seconds=float(about["seconds"]),
                versions={str(name): str(v) for name, v in about["versions"].items()},
            )
        except KeyError as error:
            line = f"not a result file: about: {error.args[0]} is missing"
            raise InvalidInstance(formats.named(source, line)) from None
        except (AttributeError, ValueError, TypeError, OverflowError, RecursionError) as error:
            raise InvalidInstance(formats.named(source, f"not a result file: {error}")) from None

    def with_choice(self, choice: NDArray[np.int32], objective: tuple[int, ...]) -> "Result":
        """Return the same result with another assignment (for what-if comparisons)."""
        return replace(self, choice=choice, objective=objective)


def _whole(name: str, array: NDArray[Any]) -> Ints:
    if array.dtype.kind not in "iu":
        raise ValueError(f"{name}: integers are wanted")
    if array.dtype == np.uint64 and array.size and array.max() > np.iinfo(np.int64).max:
        raise ValueError(f"{name}: a number does not fit in 63 bits")
    return array.astype(np.int64)


def _table(name: str, array: NDArray[Any]) -> Ints:
    whole = _whole(name, array)
    if whole.ndim != 2:
        raise ValueError(f"{name}: two dimensions are wanted, not {whole.ndim}")
    return whole


def _rows(name: str, array: NDArray[Any]) -> NDArray[np.int32]:
    whole = _whole(name, array)
    limits = np.iinfo(np.int32)
    if whole.ndim != 1 or ((whole < limits.min) | (whole > limits.max)).any():
        raise ValueError(f"{name}: a list of small integers is wanted")
    return whole.astype(np.int32)


def _proof(fields: dict[str, Any]) -> Proof:
    proof = Proof(**(fields | {"bound": tuple(fields["bound"])}))
    if not all(type(v) is int for v in (proof.pupils, proof.choices, proof.level, *proof.bound)):
        raise ValueError("proof: whole numbers are wanted")
    return proof
