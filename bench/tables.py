"""The tables of speed, stress, hard parts and growth."""

from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter, process_time

import numpy as np

from bench import instances
from bench.rivals import NAMES, RIVALS
from bench.runs import Bench, Run, ratio, table, thousands
from matching import POLICIES, Instance, solve, verify
from matching.composing import compose
from matching.explain import Explainer
from matching.generate import generate

HARD = {"group_share": 0.05, "pathway_share": 0.05, "reserve_share": 0.2, "school_max_share": 0.2}
HARD_LIMIT = 60.0  # seconds
EXPLAINED = 200  # pupils
LARGE = 200_000  # pupils above which only the fastest rivals and the default policy are run


def speed(size: str, limit: float) -> Iterator[str]:
    """Ours and every rival on the plain criterion, then every policy, then verification."""
    with Bench(instances.geography(size), limit) as bench:
        instance = bench.instance
        yield f"## {thousands(instance.n)} pupils, {thousands(int(instance.cap.sum()))} seats"
        ours, kernel = bench.run("solve:plain"), bench.run("kernel:plain")
        rows = [
            ["**solve()**, plain criterion", ours.time, "", "", ours.mb],
            ["its kernel alone", kernel.time, ratio(kernel, ours), "1 ×", kernel.mb],
        ]
        for name in RIVALS if instance.n <= LARGE else ("ortools", "lemon"):
            run = bench.best(name)
            same = "" if run.seconds is None or run.cost == kernel.cost else " (another optimum!)"
            cells = [run.time, ratio(run, ours), ratio(run, kernel), run.mb or ""]
            rows.append([NAMES[name] + same, *cells])
        yield table(["", "seconds", "/ solve()", "/ kernel", "MB"], rows)
        yield (
            "Costs are compared. Rivals: the best of four orders of rows up to 20,000 pupils, "
            "above it the order in which neighbours are close."
        )
        yield table(
            ["policy", "solve, s", "five locks, s", "verify, s", "share", "MB"], _policies(bench)
        )


def _policies(bench: Bench) -> Iterator[list[object]]:
    for code in POLICIES if bench.instance.n <= LARGE else ("priority",):
        solved, checked = bench.run(f"solve:{code}"), bench.run(f"verify:{code}")
        share = "–"
        if solved.seconds and checked.seconds:
            share = f"{100 * checked.seconds / solved.seconds:.0f} %"
        locked = bench.run(f"locks:{code}")
        yield [f"`{code}`", solved.time, locked.time, checked.time, share, solved.mb or ""]


def stress(pupils: int, limit: float, families: tuple[str, ...]) -> Iterator[str]:
    """Awkward families at three tightnesses, against the two fastest rivals."""
    yield f"## Stress families, {thousands(pupils)} pupils, plain criterion, seconds"
    rows = []
    for family in families:
        for tight in (0.7, 0.95, 1.2):
            with Bench(instances.family(family, pupils, tight), limit) as bench:
                kernel, ours = bench.run("kernel:plain"), bench.run("solve:plain")
                rival = bench.best if family == "geography" else bench.run  # else order is chance
                flow, simplex = rival("ortools"), rival("lemon")
                cells = [r.time for r in (ours, kernel, flow, simplex)]
                rows.append([f"{family}, {tight}", *cells, ratio(_faster(flow, simplex), kernel)])
    head = ["family, seats per pupil", "solve()", "kernel", "OR-tools", "LEMON", "best / kernel"]
    yield table(head, rows)


def _faster(one: Run, two: Run) -> Run:
    return min(one, two, key=lambda r: r.seconds if r.seconds is not None else float("inf"))


def hard(sizes: tuple[str, ...]) -> Iterator[str]:
    """Groups, pathways, reserves and school maxima together."""
    yield "## Hard parts: 5 % groups, 5 % pathways, 20 % reserves, 20 % school maxima"
    rows = []
    for size in sizes:
        instance = generate(replace(instances.shape_of(size), **HARD), 1)
        result = solve(instance, POLICIES["priority"], seed=1, time_limit=HARD_LIMIT)
        start = perf_counter()
        verify(instance, POLICIES["priority"], result)
        seconds = perf_counter() - start
        worst = min((p for p in result.proof if p.how != "certificate"), key=lambda p: p.level)
        proved = f"{worst.level} of {len(POLICIES['priority'].criteria)}"
        gap = "none"
        if worst.how == "bound":
            code, found = POLICIES["priority"].criteria[worst.level].code, worst.bound[0]
            gap = f"{code}: {result.objective[worst.level]} found, at least {found}"
        took = f"{result.seconds:.1f}"
        rows.append([thousands(instance.n), took, f"{seconds:.1f}", proved, gap])
    yield table(["pupils", "solve, s", "verify, s", "criteria proved", "gap"], rows)


def composing(sizes: tuple[int, ...]) -> Iterator[str]:
    """Weeks composed out of the half-days of so many hosts, with the bound of each criterion."""
    yield "## Parcours composed out of the half-days of one week"
    rows = []
    for hosts in sizes:
        pool = instances.half_days(hosts)
        start = process_time()
        found = compose(pool)
        seconds = process_time() - start
        pupils, used = found.levels[:2]
        rows.append(
            [
                thousands(hosts),
                thousands(len(pool)),
                thousands(int(pool.seats.sum())),
                f"{seconds:.1f}",
                f"{thousands(pupils.value)} of {thousands(pupils.bound)}",
                f"{thousands(used.value)} of {thousands(used.bound)}",
                f"{sum(level.proved for level in found.levels)} of {len(found.levels)}",
            ]
        )
    head = ["hosts", "half-days", "seats", "s", "pupils", "half-days used", "criteria proved"]
    yield table(head, rows)


def explanations(size: str) -> Iterator[str]:
    """Milliseconds to explain one pupil, exact prices included."""
    instance = instances.geography(size)
    yield f"## Explanations, {thousands(instance.n)} pupils"
    rows = []
    for code in ("priority", "most_first_wishes"):
        explainer = Explainer(instance, POLICIES[code], solve(instance, POLICIES[code], seed=1))
        start = perf_counter()
        choice = explainer.case.result.choice
        explainer.reasons(int(np.flatnonzero((choice >= 0) & (choice != instance.wish[:, 0]))[0]))
        shared = perf_counter() - start
        each = _milliseconds(explainer, instance)
        row = [f"{shared:.2f}", f"{each.mean():.1f}", f"{np.percentile(each, 99):.1f}"]
        rows.append([f"`{code}`", *row, f"{each.max():.1f}"])
    yield table(["policy", "shared, s", "mean, ms", "99 %, ms", "most, ms"], rows)


def _milliseconds(explainer: Explainer, instance: Instance) -> np.ndarray:
    taken = []
    for pupil in range(0, instance.n, max(1, instance.n // EXPLAINED)):
        start = perf_counter()
        explainer.reasons(pupil)
        taken.append(1000 * (perf_counter() - start))
    return np.array(taken)


def growth(largest: int, limit: float) -> Iterator[str]:
    """Seconds against pupils, and the exponent that fits them."""
    sizes = [largest // 2**q for q in range(5, -1, -1)]
    methods = ("kernel:plain", "kernel:priority", "ortools", "lemon")  # compiled at every size
    runs: dict[str, list[Run]] = {method: [] for method in methods}
    for size in sizes:
        with Bench(instances.geography(str(size)), limit) as bench:
            for method in methods:
                runs[method].append(bench.run(method))
    yield "## Growth of time with the number of pupils"
    head = ["", *(thousands(s) for s in sizes), "exponent"]
    rows = [[m, *(r.time for r in runs[m]), _exponent(sizes, runs[m])] for m in methods]
    yield table(head, rows)


def _exponent(sizes: list[int], runs: list[Run]) -> str:
    points = [(s, r.seconds) for s, r in zip(sizes, runs, strict=True) if r.seconds]
    if len(points) < 2:
        return "–"
    x, y = np.log(np.array(points)).T
    return f"{np.polyfit(x, y, 1)[0]:.2f}"
