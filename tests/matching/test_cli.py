"""The command line keeps its word: one JSON line, clear refusals, whole files."""

import hashlib
import json
import subprocess
import sys

import numpy as np
import pytest

from matching import Instance, Result, formats, solve
from matching.__main__ import main
from matching.draws import positions
from matching.lottery import number_of, public_seed
from matching.policy import POLICIES


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    instance, result = folder / "in.npz", folder / "out.npz"
    assert main(["generate", "--size", "120", "--wishes", "4", "-o", str(instance)]) == 0
    assert main(["solve", str(instance), "-o", str(result), "--seed", "7"]) == 0
    return instance, result


def last_line(capsys):
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def refusal(capsys, arguments):
    code = main([str(a) for a in arguments])
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    return code, said.err


def test_solve_prints_one_json_line_and_writes_the_result(files, tmp_path, capsys):
    instance, _ = files
    out = tmp_path / "out.npz"
    assert main(["solve", str(instance), "-o", str(out), "--policy", "no_priority"]) == 0
    said = last_line(capsys)
    result = Result.from_npz(out)
    assert said["objective"] == list(result.objective)
    assert sum(said["placed"]) == (result.choice >= 0).sum()
    assert said["proof"][0]["how"] == "certificate"
    assert [p.name for p in tmp_path.iterdir()] == ["out.npz"]


def test_the_same_seed_gives_the_same_choices_as_the_library(files):
    instance, result = files
    again = solve(Instance.from_npz(instance), POLICIES["priority"], seed="7")
    assert (Result.from_npz(result).choice == again.choice).all()


def test_verify_accepts_a_sound_result(files, capsys):
    assert main(["verify", *map(str, files)]) == 0
    said = last_line(capsys)
    assert [p["promise"] for p in said["promises"]] == ["P1", "P2", "P3", "P4", "P5"]
    assert said["promises"][-1]["how"] == "Vérifié par preuve."


def test_verify_names_the_promise_that_is_broken(files, tmp_path, capsys):
    instance, result = files
    arrays = dict(formats.read_npz(result))
    arrays["choice"] = np.full_like(arrays["choice"], -1)
    formats.write_npz(arrays, tmp_path / "bad.npz")
    code, line = refusal(capsys, ["verify", instance, tmp_path / "bad.npz"])
    assert code == 1
    assert line.startswith("P3: ")


def test_explain_and_measure_read_the_result(files, capsys):
    instance, result = map(str, files)
    out = int(np.flatnonzero(Result.from_npz(result).choice < 0)[0])
    assert main(["explain", instance, result, "--pupil", str(out), "--voice", "vous"]) == 0
    said = last_line(capsys)
    assert said["choice"] == -1
    assert all(reason["sentence"] and not reason["price"] for reason in said["reasons"])
    assert main(["explain", instance, result, "--pupil", str(out), "--exact"]) == 0
    assert all(reason["price"] for reason in last_line(capsys)["reasons"])
    assert main(["measure", instance, result]) == 0
    assert last_line(capsys)["everyone"]["pupils"] == 120


def test_a_malformed_file_is_one_clear_line(files, tmp_path, capsys):
    instance, result = files
    arrays = dict(formats.read_npz(instance))
    arrays["cap"] = arrays["cap"] - 100
    formats.write_npz(arrays, tmp_path / "negative.npz")
    (tmp_path / "text.npz").write_text("bonjour")
    for arguments, word in (
        (
            ["solve", tmp_path / "negative.npz", "-o", tmp_path / "out.npz"],
            "cap: row 0 is negative",
        ),
        (
            ["solve", tmp_path / "text.npz", "-o", tmp_path / "out.npz"],
            "text.npz: not a readable .npz",
        ),
        (["solve", tmp_path / "none.npz", "-o", tmp_path / "out.npz"], "none.npz"),
        (["solve", instance, "-o", tmp_path / "out.npz", "--policy", "best"], "no policy is named"),
        (["solve", instance, "-o", tmp_path / "nowhere" / "out.npz"], "nowhere/out.npz: "),
        (["verify", instance, instance], "not a result file"),
        (["explain", instance, result, "--pupil", "500"], "pupil: 500"),
        (["explain", instance, result, "--pupil", "1", "--threshold", "0"], "threshold: 0"),
        (["solve", instance, "-o", tmp_path / "out.npz", "--time-limit", "nan"], "time-limit: nan"),
        (
            ["solve", instance, "-o", tmp_path / "out.npz", "--policy", "keep_rest+keep_rest"],
            "poli",
        ),
        (["generate", "--ratio", "inf", "-o", tmp_path / "out.npz"], "ratio: inf"),
        (["generate", "--pool-share", "2", "-o", tmp_path / "out.npz"], "pool-share: 2.0"),
        (["generate", "--seed", "-1", "-o", tmp_path / "out.npz"], "seed: -1"),
        (["generate", "--size", "huge", "-o", tmp_path / "out.npz"], "size: huge"),
    ):
        code, line = refusal(capsys, arguments)
        assert code == 2
        assert word in line
    assert not (tmp_path / "out.npz").exists()


def test_a_result_of_another_instance_is_refused(files, tmp_path, capsys):
    _, result = files
    other = tmp_path / "other.npz"
    assert main(["generate", "--size", "90", "-o", str(other)]) == 0
    capsys.readouterr()
    assert refusal(capsys, ["measure", other, result])[0] == 2


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("choice", lambda a: a[:, None]),
        ("choice", lambda a: a * np.nan),
        ("choice", lambda a: a + np.int64(10**12)),
        ("price_key", lambda a: a + 0.5),
        ("about", lambda a: a[:-3]),
        ("about", lambda _: np.frombuffer(b"[]", np.uint8)),
    ],
)
def test_a_damaged_result_is_one_clear_line(files, tmp_path, capsys, name, damage):
    instance, result = files
    arrays = dict(formats.read_npz(result))
    arrays[name] = damage(arrays[name])
    formats.write_npz(arrays, tmp_path / "bad.npz")
    for command in (["verify"], ["measure"], ["explain", "--pupil", "1"]):
        code, line = refusal(capsys, [*command[:1], instance, tmp_path / "bad.npz", *command[1:]])
        assert code == 2
        assert line.startswith(f"{tmp_path / 'bad.npz'}: not a result file: ")


def test_what_counts_and_explains_refuses_places_outside_the_lists(files, tmp_path, capsys):
    instance, result = files
    arrays = dict(formats.read_npz(result))
    arrays["choice"] = np.full_like(arrays["choice"], 10**6)
    formats.write_npz(arrays, tmp_path / "bad.npz")
    for command in (["measure"], ["explain", "--pupil", "1"]):
        code, line = refusal(capsys, [*command[:1], instance, tmp_path / "bad.npz", *command[1:]])
        assert (code, line) == (2, "choice: row 0 has a place outside its list\n")


def test_verify_knows_a_result_of_another_instance_by_its_hash(files, tmp_path, capsys):
    instance, result = files
    arrays = dict(formats.read_npz(instance)) | {"week": Instance.from_npz(instance).week + 1}
    formats.write_npz(arrays, tmp_path / "other.npz")
    code, line = refusal(capsys, ["verify", tmp_path / "other.npz", result])
    assert code == 1
    assert line.startswith("P6: ")


def test_a_result_says_what_computed_it(files):
    assert {"python", "numpy", "numba", "highspy"} <= set(Result.from_npz(files[1]).versions)


def test_locks_that_cannot_be_kept_are_told(tmp_path, capsys):
    locked = Instance(tier=[0, 0], school=[0, 0], wish=[[0], [0]], cap=[1], lock=[0, 0])
    locked.to_npz(tmp_path / "in.npz")
    code, line = refusal(capsys, ["solve", tmp_path / "in.npz", "-o", tmp_path / "out.npz"])
    assert code == 1
    assert "more locked pupils than seats" in line


def test_a_solve_that_is_killed_leaves_nothing_and_runs_again_to_the_same_end(files, tmp_path):
    instance, result = files
    command = [sys.executable, "-m", "matching", "solve", str(instance), "--seed", "7"]
    command += ["-o", str(tmp_path / "out.npz")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as killed:
        killed.kill()
    assert list(tmp_path.iterdir()) == []
    subprocess.run(command, check=True, capture_output=True)
    again, before = formats.read_npz(tmp_path / "out.npz"), formats.read_npz(result)
    for name in ("choice", "price_key", "price_value", "shut"):
        assert again[name].tobytes() == before[name].tobytes()


def test_as_a_program_with_its_bar(files, tmp_path):
    instance, _ = files
    command = [sys.executable, "-m", "matching", "solve", str(instance), "--progress"]
    done = subprocess.run(
        [*command, "-o", str(tmp_path / "out.npz")], capture_output=True, text=True, check=True
    )
    assert "120/120" in done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["policy"] == "priority"


def test_anyone_makes_the_draw_again(files, tmp_path, capsys):
    instance, _ = files
    out, seed = tmp_path / "drawn.npz", public_seed("secret", "7 12 31")
    assert main(["solve", str(instance), "-o", str(out), "--seed", seed]) == 0
    commitment = hashlib.sha256(b"secret").hexdigest()
    draw = ["draw", str(instance), str(out), "--secret", "secret"]
    capsys.readouterr()
    assert main([*draw, "--value", "7 12 31", "--commitment", commitment]) == 0
    assert last_line(capsys)["positions"] is True
    assert refusal(capsys, [*draw, "--value", "7 12 32"])[0] == 1
    code, said = refusal(capsys, [*draw, "--value", "7 12 31", "--commitment", "0" * 64])
    assert (code, "commitment" in said) == (1, True)
    one, other = (number_of(seed, key) for key in (41, 42))
    drawn = positions(np.array([41, 42]), seed)
    assert number_of(public_seed("secret", "7 12 31"), 42).startswith("8a1b6d1ab7c8")
    assert (one < other) == (drawn[0] < drawn[1])
