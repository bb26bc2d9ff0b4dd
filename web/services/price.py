"""What granting one wish would cost, computed again on request where the proof gives no price."""

from functools import lru_cache

import numpy as np
from sqlalchemy.orm import Session

from matching import Infeasible, Instance, Result, policy_named, solve
from matching.words import IMPOSSIBLE, IN_TURN, NOT_COMPUTED, price_sentences
from models import wishes_of
from web.services.errors import Gone
from web.services.reasons import ruled_by

TIME_LIMIT = 20.0


def price_of(session: Session, run_id: int, pupil_id: int, rank: int) -> tuple[str, ...]:
    """The exact price of one wish of a pupil: the run computed again with this wish granted.

    Of two stages, the first one says it. Groups and pathways make it take seconds; past the time
    limit nothing is claimed.

    Raises:
        Gone: the run has no result, this pupil is not in it, or she has no such wish.
    """
    told = ruled_by(session, run_id, pupil_id)
    wish = next((one for one in session.scalars(wishes_of(pupil_id)) if one.rank == rank), None)
    if wish is None:
        raise Gone("Ce vœu n’existe pas.")
    weeks = {offered.id for offered in wish.offer.weeks}
    wanted = tuple(c for c, place in enumerate(told.choices) if place in weeks)
    run = told.run
    if run.result is None:
        raise Gone("Ce calcul n’a pas de résultat.")
    return _price(run.instance, run.result, run.policy, run.seed, told.row, wanted)


@lru_cache(maxsize=128)
def _price(
    stored: bytes, found: bytes, policy: str, seed: str, row: int, wanted: tuple[int, ...]
) -> tuple[str, ...]:
    instance, result, rule = Instance.from_npz(stored), Result.from_npz(found), policy_named(policy)
    if rule.replay:
        return IN_TURN
    open_to_her = instance.wish[row][(instance.wish[row] >= 0) & ~instance.ban[row]]
    best: tuple[int, ...] | None = None
    for choice in wanted:
        if not np.isin(choice, open_to_her):
            continue
        try:
            other = solve(instance, rule, locks={row: choice}, seed=seed, time_limit=TIME_LIMIT)
        except Infeasible:
            continue
        if any(part.how == "bound" for part in other.proof):
            return NOT_COMPUTED
        pairs = zip(other.objective, result.objective, strict=True)
        price = tuple(after - before for after, before in pairs)
        best = price if best is None else min(best, price)
    if best is None:
        return IMPOSSIBLE
    return price_sentences(rule, best)
