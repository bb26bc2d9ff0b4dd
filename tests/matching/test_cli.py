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
        (["generate", "--size", "9" * 5000, "-o", tmp_path / "out.npz"], "size: 999"),
        (["generate", "--size", "99999999", "-o", tmp_path / "out.npz"], "size: 99999999 is not"),
        (["solve", instance, "-o", tmp_path], "Is a directory"),
        (["solve", instance, "-o", ""], "Is a directory"),
        (["solve", instance, "-o", "/dev/null"], "/dev/null: not a regular file"),
    ):
        code, line = refusal(capsys, arguments)
        assert code == 2
        assert word in line
    assert not (tmp_path / "out.npz").exists()


def test_damaged_bytes_are_one_short_line_that_names_the_array(files, tmp_path, capsys):
    instance, _ = files
    bad, whole = tmp_path / "bad.npz", instance.read_bytes()
    for place in range(0, len(whole), 97):
        bad.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        code = main(["solve", str(bad), "-o", str(tmp_path / "out.npz")])
        said = capsys.readouterr()
        assert code in {0, 2}
        assert (code == 2) == (len(said.err.splitlines()) == 1 and len(said.err) < 400)
    for cut in (0, 10, len(whole) // 2, len(whole) - 10):
        bad.write_bytes(whole[:cut])
        assert refusal(capsys, ["measure", bad])[0] == 2
    np.savez(bad, tier=np.array([0, None]))
    _, line = refusal(capsys, ["measure", bad])
    assert line.endswith("bad.npz: tier: not a readable .npz file: objects instead of numbers\n")


def test_nothing_to_give_is_solved_and_verified(tmp_path, capsys):
    for arrays in (
        {"tier": [0, 3], "school": [0, 1], "wish": [[-1], [-1]], "cap": []},
        {"tier": [], "school": [], "wish": [], "cap": [2]},
    ):
        Instance(**arrays).to_npz(tmp_path / "in.npz")
        for policy in POLICIES:
            given = [str(tmp_path / "in.npz"), str(tmp_path / "out.npz")]
            assert main(["solve", given[0], "-o", given[1], "--policy", policy]) == 0
            assert main(["verify", *given]) == main(["measure", *given]) == 0
            for pupil in range(len(arrays["tier"])):
                assert main(["explain", *given, "--pupil", str(pupil), "--exact"]) == 0
    assert capsys.readouterr().err == ""


def test_interrupting_is_one_line_and_leaves_no_file(files, tmp_path, capsys, monkeypatch):
    def interrupted(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr("matching.__main__.solve", interrupted)
    code, line = refusal(capsys, ["solve", files[0], "-o", tmp_path / "out.npz"])
    assert (code, line) == (130, "interrupted: nothing was written\n")
    assert list(tmp_path.iterdir()) == []


def test_text_that_is_not_utf_8_is_refused(files, tmp_path, capsys):
    for arguments in (
        ["solve", files[0], "-o", tmp_path / "out.npz", "--seed", "\udcff"],
        ["draw", *files, "--secret", "\udcff"],
    ):
        with pytest.raises(SystemExit) as stopped:
            main([str(a) for a in arguments])
        assert stopped.value.code == 2
        assert "not UTF-8 text" in capsys.readouterr().err


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
        ("choice", lambda a: np.full(a.shape, 2**64 - 1, np.uint64)),
        ("price_key", lambda a: a + 0.5),
        ("price_key", lambda _: np.array(3)),
        ("price_value", lambda _: np.array(3)),
        ("about", lambda _: np.frombuffer(b"[" * 10**5, np.uint8)),
        ("about", lambda _: np.frombuffer(b"{}", np.uint8)),
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
    assert done.stderr.endswith("120/120\n")
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
