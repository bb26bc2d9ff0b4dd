"""Check a result against its instance, sharing no code with the solver."""

import numpy as np

from matching.instance import FREE, Instance
from matching.policy import Policy, Values
from matching.result import Result


class VerificationError(ValueError):
    """A promise is broken; `promise` is its code (P1 to P5) and the message says which row."""

    def __init__(self, promise: str, message: str) -> None:
        super().__init__(f"{promise}: {message}")
        self.promise = promise


def verify(instance: Instance, policy: Policy, result: Result) -> None:
    """Raise VerificationError at the first broken promise; say nothing when all hold."""
    check_arcs(instance, result)
    check_seats(instance, result)
    check_no_waste(instance, result)
    check_objective(instance, policy, result)


def check_arcs(instance: Instance, result: Result) -> None:
    """P1: nobody has a place outside its list; locks and bans hold."""
    choice = result.choice
    if choice.shape != (instance.n,):
        raise VerificationError("P1", f"{len(choice)} pupils instead of {instance.n}")
    placed = choice >= 0
    listed = ((instance.wish == choice[:, None]) & ~instance.ban).any(axis=1)
    if (placed & ~listed).any():
        raise VerificationError("P1", f"pupil {np.argmax(placed & ~listed)} did not list its place")
    wrong = (instance.lock != FREE) & (choice != instance.lock)
    if wrong.any():
        raise VerificationError("P2", f"pupil {np.argmax(wrong)} is not where it was locked")


def check_seats(instance: Instance, result: Result) -> None:
    """P2: seats, pools, segments, school maxima, reserves and groups hold."""
    placed = np.flatnonzero(result.choice >= 0)
    choice = result.choice[placed]
    taken = np.bincount(choice, minlength=instance.m)
    others = np.bincount(choice[instance.tier[placed] >= 2], minlength=instance.m)
    pooled = instance.pool[choice]
    _within("P2", "choice", taken, instance.cap)
    _within("P2", "reserve of choice", others, instance.cap - instance.reserve)
    in_pool = np.bincount(pooled[pooled >= 0], minlength=len(instance.pool_cap))
    _within("P2", "pool", in_pool, instance.pool_cap)
    _within("P2", "segment", _segments_taken(instance, taken), instance.seg_cap)
    small = (taken > 0) & (taken < instance.min_group)
    if small.any():
        raise VerificationError("P2", f"group {np.argmax(small)} is open with too few pupils")
    pairs, count = np.unique(
        np.stack([choice, instance.school[placed]]), axis=1, return_counts=True
    )
    limit = instance.school_cap[pairs[0]]
    _within("P2", "school maximum of pair", count, np.where(limit > 0, limit, count))


def check_no_waste(instance: Instance, result: Result) -> None:
    """P3: no free pupil without a place lists a plain choice that has a seat left for it."""
    taken = np.bincount(result.choice[result.choice >= 0], minlength=instance.m)
    plain = (instance.pool < 0) & (instance.reserve == 0) & (instance.school_cap == 0)
    plain &= (instance.min_group == 0) & ~instance.is_pathway
    open_seat = plain & (taken < instance.cap)
    waiting = (result.choice < 0) & (instance.lock == FREE)
    wasted = waiting[:, None] & (instance.wish >= 0) & ~instance.ban & open_seat[instance.wish]
    if wasted.any():
        raise VerificationError("P3", f"pupil {np.argmax(wasted.any(axis=1))} could have a seat")


def check_objective(instance: Instance, policy: Policy, result: Result) -> None:
    """P5, in part: the objective is the one of this assignment."""
    if Values(instance, result.seed).objective(policy, result.choice) != result.objective:
        raise VerificationError("P5", "the objective is not the sum over the pupils")


def _segments_taken(instance: Instance, taken: np.ndarray) -> np.ndarray:
    count = np.zeros(len(instance.seg_cap), np.int64)
    for choice in np.flatnonzero(instance.is_pathway):
        count[instance.segments_of(int(choice))] += taken[choice]
    return count


def _within(promise: str, what: str, taken: np.ndarray, limit: np.ndarray) -> None:
    if (taken > limit).any():
        raise VerificationError(promise, f"{what} {np.argmax(taken > limit)} is overfilled")
