"""`solve`: the best assignment of an instance under a policy, with its proof."""

import time
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from matching import flow, network, packing
from matching.draws import Seed, seed_bytes
from matching.flow import Progress
from matching.instance import FREE, Instance
from matching.policy import Policy, Values
from matching.result import Prices, Proof, Result

Ints = NDArray[np.int64]


def solve(
    instance: Instance,
    policy: Policy,
    *,
    seed: Seed | None = None,
    locks: Mapping[int, int] | None = None,
    time_limit: float | None = None,
    progress: Progress | None = None,
) -> Result:
    """Return the best assignment. `locks` are added to those of the instance.

    Without a seed the draw is the instance's `lottery`. The result does not depend on the order
    of rows. Raises Infeasible when the locks cannot be kept together.
    """
    start = time.perf_counter()
    if policy.replay or instance.min_group.any() or instance.is_pathway.any():
        raise NotImplementedError("replay, groups and pathways are not solved yet")
    asked = instance.with_locks(locks)
    problem = asked.canonical()
    choice, prices, proof = _solve_canonical(problem, policy, seed, progress)
    pupils, choices = asked.canonical_order
    original = np.full(asked.n, -1, np.int32)
    original[pupils] = np.append(choices, -1)[choice]
    return Result(
        choice=original,
        objective=Values(asked, seed).objective(policy, original),
        policy=policy.code,
        seed=None if seed is None else seed_bytes(seed),
        instance_sha256=asked.sha256,
        prices=_renamed(prices, choices),
        proof=proof,
        shut=np.zeros(0, np.int32),
        seconds=time.perf_counter() - start,
    )


def _solve_canonical(
    instance: Instance, policy: Policy, seed: Seed | None, progress: Progress | None
) -> tuple[NDArray[np.int32], Prices, tuple[Proof, ...]]:
    net = network.build(instance, network.free_of_hard_parts(instance))
    packed = packing.pack(net, Values(instance, seed), policy.criteria)
    found = flow.run(net, packed, progress)
    choice = np.where(instance.lock == FREE, -1, instance.lock).astype(np.int32)
    placed = found.at >= 0
    choice[net.pupils[placed]] = instance.wish.ravel()[net.arc_cell[found.at[placed]]]
    count = len(policy.criteria)
    proof = Proof("certificate", instance.n, instance.m, count)
    return choice, _prices(net, packed, found, count), (proof,)


def _prices(
    net: network.Network, packed: packing.Packed, found: flow.Flow, criteria: int
) -> Prices:
    """Return the price of each node: its potential less its parent's."""
    value = packed.unpack(flow.prices_of(net, packed, found), criteria)
    inner = net.parent >= 0
    value[inner] -= packed.unpack(flow.prices_of(net, packed, found), criteria)[net.parent[inner]]
    kept = value.any(axis=1)
    return Prices(net.key[kept], value[kept])


def _renamed(prices: Prices, choices: Ints) -> Prices:
    """Give the rows of the instance asked for instead of the canonical ones."""
    key = prices.key.copy()
    named = key[:, 0] != network.POOL
    key[named, 1] = choices[key[named, 1]]
    return Prices(key, prices.value)
