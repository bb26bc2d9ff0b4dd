"""`solve`: the best assignment of an instance under a policy, with its proof."""

import time
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from matching import flow, hard, network, packing, replay, warming
from matching.draws import Seed, seed_bytes
from matching.flow import Progress
from matching.instance import FREE, Instance
from matching.policy import Policy, Values
from matching.result import Prices, Proof, Result

Ints = NDArray[np.int64]
Answer = tuple[NDArray[np.int32], Prices, tuple[Proof, ...]]


def solve(
    instance: Instance,
    policy: Policy,
    *,
    seed: Seed | None = None,
    locks: Mapping[int, int] | None = None,
    warm: Result | None = None,
    time_limit: float | None = None,
    progress: Progress | None = None,
) -> Result:
    """Return the best assignment. `locks` are added to those of the instance.

    Without a seed the draw is the instance's `lottery`. The result does not depend on the order
    of rows. `time_limit` (seconds) bounds the search on groups and pathways: what is not proved
    by then is reported with its bound. `warm` is an earlier result for the same pupils and choices
    in the same rows: the answer is the same, sooner if little else has changed. Raises Infeasible
    when the locks cannot be kept together.
    """
    start = time.perf_counter()
    deadline = None if time_limit is None else start + time_limit
    asked = instance.with_locks(locks)
    problem = asked.canonical()
    values = Values(problem, seed)
    pupils, choices = asked.canonical_order
    hint = warming.hint_of(asked, policy, values.seed, warm)
    choice, prices, proof = _solve_canonical(problem, policy, values, hint, deadline, progress)
    original = np.full(asked.n, -1, np.int32)
    original[pupils] = np.append(choices, -1)[choice]
    return Result(
        choice=original,
        objective=values.objective(policy, choice),
        policy=policy.code,
        seed=None if seed is None else seed_bytes(seed),
        instance_sha256=asked.sha256,
        prices=_renamed(prices, choices),
        proof=proof,
        shut=_groups_shut(asked, original),
        seconds=time.perf_counter() - start,
    )


def _solve_canonical(
    instance: Instance,
    policy: Policy,
    values: Values,
    hint: warming.Hint | None,
    deadline: float | None,
    progress: Progress | None,
) -> Answer:
    """Solve the components with hard columns by search, then all the others as one flow."""
    analysis = hard.analyse(instance)
    if policy.replay:
        proof_of_replay = Proof("replay", instance.n, instance.m, len(policy.criteria))
        return replay.serve(instance, analysis, values), _no_prices(policy), (proof_of_replay,)
    choice = np.maximum(instance.lock, -1).astype(np.int32)
    easy = instance.lock == FREE
    proof = []
    done = 0

    def tell(pupils: float) -> None:
        if progress is not None:
            progress(done + int(pupils), instance.n)

    for part in hard.components(instance, analysis):
        from matching.search import Search  # HiGHS is only loaded where it is needed

        size = len(part.pupils)
        tick = partial(_scaled, tell, size)
        search = Search(instance, analysis, part, policy, values, deadline, tick)
        choice[part.pupils], how = search.run()
        easy[part.pupils] = False
        proof.append(how)
        done += size
    net = network.build(instance, analysis.fixed, np.flatnonzero(easy))
    packed = packing.pack(net, values, policy.criteria)
    start = warming.start(net, packed, instance, hint)
    placed = flow.run(net, packed, lambda pupils, _: tell(pupils), start=start)
    if start and not packed.holds(flow.raised(net, placed.pot), len(policy.criteria)):
        placed = flow.run(net, packed, lambda pupils, _: tell(pupils))
    at = placed.at >= 0
    choice[net.pupils[at]] = instance.wish.ravel()[net.arc_cell[placed.at[at]]]
    if len(net.pupils) or not proof:
        choices = len(np.unique(instance.wish.ravel()[net.arc_cell]))
        proof.append(Proof("certificate", len(net.pupils), choices, len(policy.criteria)))
    return choice, _prices(net, packed, placed, len(policy.criteria)), tuple(proof)


def _scaled(tell: Callable[[float], None], size: int, share: float) -> None:
    tell(size * share)


def _prices(
    net: network.Network, packed: packing.Packed, found: flow.Flow, criteria: int
) -> Prices:
    """Return the price of each node: its potential less its parent's."""
    potential = packed.unpack(flow.raised(net, found.pot), criteria)
    value = potential.copy()
    inner = net.parent >= 0
    value[inner] -= potential[net.parent[inner]]
    kept = value.any(axis=1)
    return Prices(net.key[kept], value[kept])


def _no_prices(policy: Policy) -> Prices:
    return Prices(np.zeros((0, 3), np.int64), np.zeros((0, len(policy.criteria)), np.int64))


def _groups_shut(instance: Instance, choice: NDArray[np.int32]) -> NDArray[np.int32]:
    taken = np.bincount(choice[choice >= 0], minlength=instance.m)
    return np.flatnonzero((instance.min_group > 0) & (taken == 0)).astype(np.int32)


def _renamed(prices: Prices, choices: Ints) -> Prices:
    """Give the rows of the instance asked for instead of the canonical ones."""
    key = prices.key.copy()
    named = np.isin(key[:, 0], (network.CHOICE, network.SIDE, network.SCHOOL))
    key[named, 1] = choices[key[named, 1]]
    return Prices(key, prices.value)
