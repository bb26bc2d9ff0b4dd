"""An earlier result as a place to start from, in the rows and words of a new solve."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matching.draws import Seed, seed_bytes
from matching.flow import Start, lexicographically_less, raised
from matching.instance import Instance
from matching.network import CHOICE, SCHOOL, SIDE, Network
from matching.packing import Packed
from matching.policy import Policy
from matching.result import Result

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Hint:
    """What an earlier result gave and asked, in canonical rows."""

    choice: Ints  # [n]
    key: Ints  # [q, 3] of the prices
    value: Ints  # [q, criteria]


def hint_of(
    instance: Instance, policy: Policy, seed: Seed | None, warm: Result | None
) -> Hint | None:
    """Return what to start from; None if the earlier result followed another rule or draw."""
    if warm is None or policy.replay or warm.policy != policy.code:
        return None
    same_draw = warm.seed == (None if seed is None else seed_bytes(seed))
    if not same_draw or not _fits(instance, policy, warm):
        return None
    pupils, choices = instance.canonical_order
    place = np.append(np.argsort(choices), -1)
    key = warm.prices.key.copy()
    named = np.isin(key[:, 0], (CHOICE, SIDE, SCHOOL))
    key[named, 1] = place[key[named, 1]]
    return Hint(place[warm.choice[pupils]], key, warm.prices.value)


def _fits(instance: Instance, policy: Policy, warm: Result) -> bool:
    key, value = warm.prices.key, warm.prices.value
    named = key[np.isin(key[:, 0], (CHOICE, SIDE, SCHOOL)), 1]
    last = max(int(warm.choice.max(initial=-1)), int(named.max(initial=-1)))
    return (
        len(warm.choice) == instance.n
        and last < instance.m
        and value.shape == (len(key), len(policy.criteria))
    )


def start(network: Network, packed: Packed, instance: Instance, hint: Hint | None) -> Start | None:
    """Return the old arc of each pupil and the old potential of each node."""
    if hint is None or network.low.any():
        return None
    owner = np.repeat(np.arange(len(network.pupils)), np.diff(network.arc_ptr))
    choice = instance.wish.ravel()[network.arc_cell]
    same = np.flatnonzero(choice == hint.choice[network.pupils][owner])
    at = np.full(len(network.pupils), -1, np.int64)
    at[owner[same]] = same
    pot = packed.repack(_potentials(network, hint))
    pot[lexicographically_less(pot, np.zeros_like(pot))] = 0  # rounded below nothing
    return Start(at, raised(network, pot))


def _potentials(network: Network, hint: Hint) -> Ints:
    """[nodes, criteria] price of each node and of all those above it."""
    place = {key: row for row, key in enumerate(map(tuple, hint.key.tolist()))}
    rows = np.array([place.get(tuple(key), -1) for key in network.key.tolist()], np.int64)
    own = np.vstack([hint.value, np.zeros((1, hint.value.shape[1]), np.int64)])[rows]
    total, above = own.copy(), network.parent
    while (above >= 0).any():
        inner = np.flatnonzero(above >= 0)
        total[inner] += own[above[inner]]
        above = np.where(above >= 0, network.parent[above], -1)
    return total
