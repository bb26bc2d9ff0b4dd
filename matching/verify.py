"""Check every promise on a result, sharing no code with the solver."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matching import certificate, exchanges, gains, turns
from matching.checks import ARC
from matching.instance import FREE, Instance
from matching.policy import Policy
from matching.promises import PROMISES, Finding, How, Report, VerificationError
from matching.recount import Recount, exact_sum
from matching.result import Proof, Result
from matching.seats import Load, Seats

__all__ = ["PROMISES", "Report", "VerificationError", "verify"]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Case:
    """What is being checked, and what several checks need."""

    instance: Instance
    policy: Policy
    result: Result

    @cached_property
    def seats(self) -> Seats:
        """Rows of seats."""
        return Seats(self.instance)

    @cached_property
    def load(self) -> Load:
        """How full the assignment makes them."""
        return Load(self.seats, self.result.choice)

    @cached_property
    def recount(self) -> Recount:
        """Criteria computed anew."""
        return Recount(self.instance, self.result.seed)

    @cached_property
    def hard(self) -> Flags:
        """[m] choices that may not be a flow: groups with a minimum, pathways."""
        return (self.instance.min_group > 1) | self.instance.is_pathway

    @cached_property
    def allowed(self) -> Flags:
        """[n, k] arcs that some assignment uses: a group that can never be filled stays shut."""
        instance = self.instance
        if not (instance.min_group > 1).any():
            return instance.open_arc
        takers = np.bincount(instance.wish[instance.open_arc], minlength=instance.m)
        never = np.minimum(takers, instance.cap) < instance.min_group
        return instance.open_arc & ~never[instance.wish]

    @cached_property
    def shut(self) -> Flags:
        """[m] groups that did not open."""
        return np.asarray((self.instance.min_group > 1) & (self.load.choice == 0))

    @cached_property
    def free(self) -> Flags:
        """[n] pupils whom no decision puts somewhere."""
        return np.asarray(self.instance.lock == FREE)


def verify(instance: Instance, policy: Policy, result: Result) -> Report:
    """Return how each promise was checked; raise VerificationError at the first broken one."""
    case = Case(_without_padding(instance), policy, result)
    check_places(case)
    check_limits(case)
    check_no_waste(case)
    check_objective(case)
    check_groups(case)
    if case.policy.replay:
        return Report((*_counted(case), *check_turns(case)), result.objective)
    check_records(case)
    faults = price_faults(case)
    exchanged = check_exchanges(case, faults)
    return Report((*_counted(case), *exchanged, *check_optimum(case, faults)), result.objective)


def _without_padding(instance: Instance) -> Instance:
    """Drop the columns of wishes where no choice exists: −1 would be the place of none."""
    if instance.m:
        return instance
    return replace(instance, **{name: getattr(instance, name)[:, :0] for name in ("wish", *ARC)})


def check_places(case: Case) -> None:
    """P1: nobody has two places, nor one that it could not be given."""
    instance, choice = case.instance, case.result.choice
    if choice.shape != (instance.n,) or choice.dtype.kind != "i":
        raise VerificationError("P1", f"{choice.size} places for {instance.n} pupils")
    _nobody("P1", "has a place that does not exist", (choice < -1) | (choice >= instance.m))
    listed = (instance.wish == choice[:, None]).any(axis=1)
    _nobody("P1", "has a place outside its list", (choice >= 0) & ~listed)


def check_limits(case: Case) -> None:
    """P2: seats, pools, segments, school maxima, reserves, groups, locks and bans hold."""
    instance, load = case.instance, case.load
    choice = case.result.choice
    banned = ((instance.wish == choice[:, None]) & instance.ban).any(axis=1)
    _nobody("P2", "has a place that a decision forbids", (choice >= 0) & banned)
    _nobody(
        "P2", "is not where a decision puts it", (instance.lock != FREE) & (choice != instance.lock)
    )
    _within("choice", load.choice, instance.cap)
    _within(
        "the reserve of choice", load.side, instance.cap - instance.reserve, case.seats.reserved
    )
    _within("pool", load.pool, instance.pool_cap)
    _within("segment", load.segment, instance.seg_cap)
    _within("the school maximum of pair", load.pair, load.pair_cap)
    small = (load.choice > 0) & (load.choice < instance.min_group)
    if small.any():
        raise VerificationError("P2", f"group {np.argmax(small)} is open with too few pupils")


def check_no_waste(case: Case) -> None:
    """P3: no free pupil without a place has an arc to a seat that it could take."""
    instance = case.instance
    waiting = np.flatnonzero((case.result.choice < 0) & (instance.lock == FREE))
    usable = instance.open_arc[waiting] & case.load.spare[case.seats.leaf[waiting]]
    wasted = usable.any(axis=1) if instance.k else np.zeros(len(waiting), bool)
    if wasted.any():
        pupil = int(waiting[np.argmax(wasted)])
        raise VerificationError("P3", f"pupil {pupil} has no place but could take a free seat")


def check_objective(case: Case) -> None:
    """P5, first half: the objective is the sum over the pupils of each criterion."""
    true = case.recount.objective(case.policy, case.result.choice)
    if true != case.result.objective:
        claimed = case.result.objective
        criteria = case.policy.criteria
        wrong = [c.code for c, a, b in zip(criteria, true, claimed, strict=False) if a != b]
        name = wrong[0] if wrong else "number of criteria"
        raise VerificationError("P5", f"the objective is not the sum over the pupils: {name}")


def check_groups(case: Case) -> None:
    """P2: the groups that the result says shut are those where nobody is."""
    empty = np.flatnonzero((case.instance.min_group > 0) & (case.load.choice == 0))
    wrong = np.setxor1d(empty, case.result.shut)
    if len(wrong):
        fault = "is shut, but not said to be" if wrong[0] in empty else "is wrongly said shut"
        raise VerificationError("P2", f"group {wrong[0]} {fault}")


def check_records(case: Case) -> None:
    """P5: what the solver declares of its search agrees with itself and with the objective.

    That a search was complete is taken on trust; a bound that the assignment beats is not.
    """
    result, criteria = case.result, case.policy.criteria
    if any(p.choices > case.instance.m for p in result.proof):
        raise VerificationError("P5", "the proof is not about the choices of this instance")
    kinds = [c.kind for c in criteria]
    searched = kinds.index("pair") if "pair" in kinds else len(kinds)
    levels = {"certificate": len(kinds), "search": searched}
    if sum(p.pupils for p in result.proof) != int(case.free.sum()):
        raise VerificationError("P5", "the proof is not about the pupils of this instance")
    bounds: dict[int, int] = {}
    for p in result.proof:
        cut = p.how == "bound"
        if p.pupils < 0 or p.choices < 0 or p.how not in ("certificate", "search", "bound"):
            raise VerificationError("P5", f"no part of {p.pupils} pupils is proved by {p.how}")
        if cut and not (len(p.bound) == 1 and 0 <= p.level < searched):
            raise VerificationError("P5", f"a bound on criterion {p.level} is not one of a search")
        if not cut and (p.bound or p.level != levels[p.how]):
            raise VerificationError("P5", f"level {p.level} is not where a {p.how} ends")
        if cut:
            bounds[p.level] = bounds.get(p.level, 0) + p.bound[0]
    reached = _reached(case) if bounds else ()
    for level, bound in bounds.items():
        if bound > reached[level]:
            line = f"{criteria[level].code}: a bound of {bound} above the {reached[level]} reached"
            raise VerificationError("P5", line)


def _reached(case: Case) -> tuple[int, ...]:
    """Each criterion, summed over the pupils tied to a group or a pathway."""
    instance, choice = case.instance, case.result.choice
    pupil, part = parts_of(instance, instance.open_arc & case.free[:, None])
    mine = case.free & np.isin(pupil, np.unique(part[case.hard]))
    own = instance.column_of(choice)
    placed, left = np.flatnonzero(mine & (own >= 0)), np.flatnonzero(mine & (own < 0))
    return tuple(
        exact_sum(case.recount.arcs(c, placed, own[placed])) + exact_sum(case.recount.out(c, left))
        for c in case.policy.criteria
    )


def check_turns(case: Case) -> tuple[Finding, ...]:
    """P4 and P5 where pupils are served in turn: serve them again, then look for better ties."""
    instance, choice = case.instance, case.result.choice
    if case.result.proof != (
        Proof("replay", instance.n, instance.m, len(case.policy.criteria)),
    ) or len(case.result.prices.key):
        raise VerificationError("P5", "a result served in turn has a replay as its only proof")
    own = instance.column_of(choice)
    rank = np.where(own >= 0, instance.rank[np.arange(instance.n), own], 0) if instance.k else own
    served = turns.serve(case.seats, case.recount, case.allowed)
    unserved = (served.rank > 0) & (rank <= 0)
    _nobody("P4", "could have a place without moving those who come before", unserved)
    _nobody("P5", "does not have the rank of its turn", (served.rank != rank) & (rank > 0))
    _no_gain(case, served.open_arcs, everyone_stays=True)
    count = int(case.free.sum())
    return tuple(Finding(PROMISES[code], "search", count) for code in ("P4", "P5"))


def check_exchanges(case: Case, faults: certificate.Faults) -> tuple[Finding, ...]:
    """P4: no chain of exchanges places a pupil at the cost of nobody, or of one who comes later.

    Where the prices hold they prove it: along a chain they only go up. Elsewhere chains are
    searched, leaving out groups and pathways, which a chain of single moves cannot judge.
    """
    count = int(case.free.sum())
    if not faults.any:
        return (Finding(PROMISES["P4"], "proof", count),)
    movable = case.allowed & ~case.hard[case.instance.wish]
    order = exchanges.order_of_loss(case.policy, case.recount)
    found = exchanges.wronged(case.seats, case.result.choice, order, movable)
    if len(found):
        raise VerificationError("P4", f"an exchange would give pupil {found[0]} a place")
    return (Finding(PROMISES["P4"], "search", count),)


def check_optimum(case: Case, faults: certificate.Faults) -> tuple[Finding, ...]:
    """P5, second half: prices prove the objective smallest; the solver's record where none can."""
    tangled = _tangled(case, faults)
    unproved = int(tangled.sum())
    if unproved:
        _no_gain(case, case.allowed & tangled[:, None] & ~case.shut[case.instance.wish])
    records = [p for p in case.result.proof if p.how in ("search", "bound")]
    if unproved > sum(p.pupils for p in records):
        raise VerificationError("P5", f"{unproved} pupils are in parts that nothing proves optimal")
    findings = [Finding(PROMISES["P5"], "proof", int(case.free.sum()) - unproved)]
    if unproved:
        findings += [_recorded(records, "search", "record"), _recorded(records, "bound", "bound")]
    return tuple(f for f in findings if f.pupils or len(findings) == 1)


def _recorded(records: list[Proof], how: str, name: How) -> Finding:
    parts = [p for p in records if p.how == how]
    bound = next((p.bound for p in parts if p.bound), ())
    return Finding(PROMISES["P5"], name, sum(p.pupils for p in parts), bound)


def price_faults(case: Case) -> certificate.Faults:
    """Where the prices of the result prove nothing."""
    return certificate.faults(case.seats, case.policy, case.recount, case.result, case.allowed)


def _tangled(case: Case, faults: certificate.Faults) -> Flags:
    """[n] free pupils of the parts where prices fail; each must hold a group or a pathway."""
    if not faults.any:
        return np.zeros(case.instance.n, bool)
    pupil, choice = parts_of(case.instance, case.allowed & case.free[:, None])
    hard = np.unique(choice[case.hard])
    for row, line in faults.rows:
        if row < 0 or choice[row] not in hard:
            raise VerificationError("P5", line)
    alone = faults.pupils & ~np.isin(pupil, hard)
    _nobody("P5", "prefers another place at the prices given", alone)
    touched = np.union1d(pupil[faults.pupils], choice[[row for row, _ in faults.rows]])
    tangled: Flags = np.isin(pupil, touched) & case.free
    return tangled


def _no_gain(case: Case, movable: Flags, everyone_stays: bool = False) -> None:
    """P5 where there are no prices: no cycle of exchanges improves, groups and pathways as set."""
    criteria, choice = case.policy.criteria, case.result.choice
    found = gains.improvable(case.seats, case.recount, criteria, choice, movable, everyone_stays)
    if found is not None:
        raise VerificationError("P5", f"exchanges through choice {found} would do better")


def parts_of(instance: Instance, usable: Flags) -> tuple[Ints, Ints]:
    """Connected part of each pupil and of each choice, tied by arcs, pools and segments."""
    n, m = instance.n, instance.m
    owner, column = np.nonzero(usable)
    pooled = np.flatnonzero(instance.pool >= 0)
    user = np.repeat(np.arange(m), np.diff(instance.parc_ptr))
    pools = n + m + instance.pool[pooled]
    segments = n + m + len(instance.pool_cap) + instance.parc_seg
    left = np.concatenate([owner, n + pooled, n + user])
    right = np.concatenate([n + instance.wish[owner, column], pools, segments])
    size = n + m + len(instance.pool_cap) + len(instance.seg_cap)
    graph = coo_array((np.ones(len(left), np.int8), (left, right)), shape=(size, size))
    label = connected_components(graph, directed=False)[1].astype(np.int64)
    return label[:n], label[n : n + m]


def _counted(case: Case) -> tuple[Finding, ...]:
    return tuple(Finding(PROMISES[code], "count", case.instance.n) for code in ("P1", "P2", "P3"))


def _nobody(promise: str, what: str, bad: Flags) -> None:
    if bad.any():
        raise VerificationError(promise, f"pupil {int(np.argmax(bad))} {what}")


def _within(what: str, taken: Ints, limit: NDArray[np.integer], where: Flags | None = None) -> None:
    over = taken > limit if where is None else (taken > limit) & where
    if over.any():
        raise VerificationError("P2", f"{what} {int(np.argmax(over))} is overfilled")
