"""The measurements measure the same problem: rivals and engine find the same cost."""

from importlib.util import find_spec

import pytest

from bench import instances, rivals, tables
from bench.__main__ import main
from bench.gaming import gaming
from bench.runs import Bench
from matching import flow, solve

# OR-tools brings its own HiGHS, which cannot share a process with highspy: bench/ runs it apart.
PRESENT = [*(["lemon"] if find_spec("pylmcf") else []), "scipy", "highs"]


@pytest.mark.parametrize("family", instances.FAMILIES)
def test_rivals_find_the_same_cost(family):
    instance = instances.family(family, 300, 0.9)
    costs = rivals.Costs.of(instance)
    ours = costs.total(solve(instance, instances.PLAIN).choice)
    assert [rivals.RIVALS[name](costs)() for name in PRESENT] == [ours] * len(PRESENT)


@pytest.mark.parametrize("order", ["given", "tier", "shuffled"])
def test_another_order_of_rows_is_the_same_problem(order):
    instance = instances.family("zipf", 200, 0.9)
    assert instances.reordered(instance, order).sha256 == instance.sha256


def test_a_child_process_measures_time_memory_and_cost():
    with Bench(instances.family("uniform", 100, 0.9), limit=60) as bench:
        run = bench.run("solve:plain")
        assert run.seconds > 0
        assert run.mb > 0
        assert run.cost == bench.run("highs").cost
        assert "no such" in bench.run("solve:no such").note


def test_the_tables_print_and_are_written(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(tables, "EXPLAINED", 10)
    out = tmp_path / "bench.md"
    assert main(["--what", "explain", "--size", "120", "--output", str(out)]) == 0
    assert "## Explanations, 120 pupils" in out.read_text()
    assert out.read_text().strip() in capsys.readouterr().out.replace("\n\n\n", "\n\n").strip()


def test_gaming_compares_each_move_with_the_honest_list(monkeypatch):
    monkeypatch.setattr(flow, "SMALL", flow.SMALL)  # gaming compiles; put it back after
    title, found = gaming(("no_priority",), 1)
    assert "Gaming" in title
    assert len(found.splitlines()) == 5
