"""An earlier answer of the same round, from which a run of nearly the same may start.

A run with one more decision is almost the one before: started from its prices, it gives the same
answer sooner. Promise P6 computes it again from nothing, unless that would take too long.
"""

from dataclasses import dataclass

import numpy as np
from sqlalchemy.orm import Session

from matching import Instance, InvalidInstance, Result
from models import Run, earlier_answer


@dataclass(frozen=True)
class Earlier:
    """What an earlier run was given and what it found, as stored."""

    instance: bytes
    result: bytes


def earlier_of(session: Session, run: Run) -> Earlier | None:
    """The last finished run of the same round, rule and draw, if any."""
    found = session.scalar(earlier_answer(run))
    if found is None or found.result is None:
        return None
    return Earlier(found.instance, found.result)


def warm_start(instance: Instance, earlier: Earlier | None) -> Result | None:
    """The earlier result if it is about the same pupils and places, row by row."""
    if earlier is None:
        return None
    try:
        before, result = Instance.from_npz(earlier.instance), Result.from_npz(earlier.result)
    except InvalidInstance:
        return None
    same = np.array_equal(before.pupil_key, instance.pupil_key)
    same = same and np.array_equal(before.choice_key, instance.choice_key)
    return result if same else None
