"""Why a pupil did not get a wish that it ranked better."""

from dataclasses import dataclass

import numpy as np

from matching.instance import Instance
from matching.policy import Policy
from matching.result import Result


@dataclass(frozen=True)
class Reason:
    """A better-ranked wish and a French sentence that says why it was not given."""

    choice: int
    rank: int
    sentence: str


def explain(instance: Instance, policy: Policy, result: Result, pupil: int) -> tuple[Reason, ...]:
    """Return a reason for each wish of a pupil that ranks before its place, best first."""
    mine = result.choice[pupil]
    taken = np.bincount(result.choice[result.choice >= 0], minlength=instance.m)
    column = int(instance.column_of(result.choice)[pupil])
    limit = int(instance.rank[pupil, column]) if mine >= 0 else np.iinfo(np.int32).max
    reasons = []
    for wish, rank in zip(
        instance.wish[pupil].tolist(), instance.rank[pupil].tolist(), strict=True
    ):
        if wish < 0 or rank >= limit:
            continue
        full = taken[wish] >= instance.cap[wish]
        sentence = (
            "Toutes les places sont prises par d’autres élèves."
            if full
            else "Une condition de cette offre ne permettait pas de te la donner."
        )
        reasons.append(Reason(wish, rank, sentence))
    return tuple(reasons)
