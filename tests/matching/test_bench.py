"""The measurements measure the same problem: rivals and engine find the same cost."""

import json
from dataclasses import replace
from importlib.util import find_spec

import pytest

from bench import gaming, instances, rivals, tables
from bench.__main__ import main
from bench.runs import Bench
from matching import solve

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
    instance = instances.family("uniform", 100, 0.9)
    with Bench(instance, limit=60) as bench:
        run = bench.run("highs")
        assert run.seconds > 0
        assert run.mb > 0
        assert run.cost == rivals.Costs.of(instance).total(solve(instance, instances.PLAIN).choice)
        assert "no such" in bench.run("solve:no such").note


def test_the_tables_print_and_are_written(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(tables, "EXPLAINED", 10)
    out = tmp_path / "bench.md"
    assert main(["--what", "explain", "--size", "120", "--output", str(out)]) == 0
    assert "## Explanations, 120 pupils" in out.read_text()
    assert out.read_text().strip() in capsys.readouterr().out.replace("\n\n\n", "\n\n").strip()


def test_gaming_compares_each_move_with_the_honest_list(monkeypatch, tmp_path):
    monkeypatch.setattr(gaming, "SHAPE", replace(gaming.SHAPE, pupils=100))
    data = tmp_path / "gaming.json"
    command = ["--what", "gaming", "--policy", "no_priority", "--sample", "1"]
    assert main([*command, "--data", str(data), "--date", "2026-11-25"]) == 0
    told = json.loads(data.read_text())
    assert (told["measured_on"], told["pupils"]) == ("2026-11-25", 100)
    groups = told["policies"]["no_priority"]
    assert sum(group["pupils"] for group in groups) == 100
    for group in groups:
        assert group["sampled"] == min(1, group["pupils"])
        assert list(group["moves"]) == list(gaming.MOVES)
        assert all(sum(tally) <= group["sampled"] for tally in group["moves"].values())


def test_gaming_weighs_groups_by_their_pupils():
    moves = dict.fromkeys(gaming.MOVES, (1, 0))
    group = {"tier": 0, "outcome": "first", "pupils": 30, "sampled": 1, "moves": moves}
    other = {**group, "tier": 1, "pupils": 10, "moves": dict.fromkeys(gaming.MOVES, (0, 1))}
    found = {"pupils": 40, "seats": 38, "completions": 30, "policies": {"priority": [group, other]}}
    title, lines = gaming.tables(found)
    assert "40 pupils, 38 seats" in title
    assert lines.splitlines()[-1].split("|")[3].strip() == "75 / 25"


def test_moves_that_are_written_need_their_date(tmp_path):
    with pytest.raises(SystemExit):
        main(["--what", "gaming", "--data", str(tmp_path / "gaming.json")])
