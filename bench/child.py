"""One measured run in a process of its own, so that its peak memory is its own.

Seconds are processor time: every method uses one core, and a shared machine counts less.

`python -m bench.child INSTANCE.npz METHOD ORDER` prints one JSON line. METHOD is a rival, or
`solve:POLICY`, `kernel:POLICY` (without reading, hashing and naming), `verify:POLICY`,
`locks:POLICY` (five more locks, starting from the answer without them).
"""

import json
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from bench import instances, rivals
from matching import (
    POLICIES,
    Instance,
    Policy,
    flow,
    hard,
    network,
    packing,
    policy_named,
    solve,
    verify,
)
from matching.policy import Values

SHORT = 1.0  # seconds under which a run is repeated
REPEATS = 3
SEED = 20261106


def main() -> None:
    """Measure and print."""
    path, method, order = sys.argv[1:]
    instance = instances.reordered(Instance.from_npz(path), order)
    run = _prepared(instance, method)
    before = _peak_mb()
    answer: dict[str, Any] = {"seconds": float("inf")}
    for _ in range(REPEATS):
        start = time.process_time()
        found = run()
        seconds = time.process_time() - start
        answer["seconds"] = min(answer["seconds"], seconds)
        if seconds > SHORT:
            break
    answer |= {"cost": found, "mb": _peak_mb(), "mb_before": before}
    print(json.dumps(answer))


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _policy(code: str) -> Policy:
    return instances.PLAIN if code == "plain" else policy_named(code)


def _prepared(instance: Instance, method: str) -> Callable[[], Any]:
    """Return what is to be timed; compiling and building rivals' arrays come before."""
    if method in rivals.RIVALS:
        return rivals.RIVALS[method](rivals.Costs.of(instance))
    what, _, code = method.partition(":")
    policy = _policy(code)
    _warm_up()
    if what == "kernel":
        return _kernel(instance, policy)
    if what == "verify":
        result = solve(instance, policy, seed=SEED)
        return lambda: _verified(instance, policy, result)
    if what == "locks":
        return _five_locks(instance, policy)
    costs = rivals.Costs.of(instance) if code == "plain" else None

    def whole() -> Any:
        result = solve(instance, policy, seed=SEED)
        return costs.total(result.choice) if costs else list(result.objective)

    return whole


def _five_locks(instance: Instance, policy: Policy) -> Callable[[], Any]:
    base = solve(instance, policy, seed=SEED)
    placed = np.flatnonzero(base.choice >= 0)
    locks = dict.fromkeys(placed[:: max(1, len(placed) // 5)][:5].tolist(), -1)
    solve(instance, policy, seed=SEED, locks=locks, warm=base)  # compiles
    return lambda: list(solve(instance, policy, seed=SEED, locks=locks, warm=base).objective)


def _verified(instance: Instance, policy: Policy, result: Any) -> list[str]:
    return [f"{f.promise.code} {f.how}" for f in verify(instance, policy, result).findings]


def _kernel(instance: Instance, policy: Policy) -> Callable[[], Any]:
    net = network.build(instance, hard.analyse(instance).fixed)
    packed = packing.pack(net, Values(instance, SEED), policy.criteria)
    costs = rivals.Costs.of(instance)

    def run() -> int:
        found = flow.run(net, packed, compiled=True)
        choice = np.full(instance.n, -1, np.int64)
        placed = found.at >= 0
        choice[net.pupils[placed]] = instance.wish.ravel()[net.arc_cell[found.at[placed]]]
        return costs.total(choice)

    return run


def _warm_up() -> None:
    """Have the kernel compiled, for costs of one word and of more, or read from its cache."""
    small = instances.geography("300")
    for policy in (instances.PLAIN, POLICIES["priority"]):
        _kernel(small, policy)()


if __name__ == "__main__":
    main()
