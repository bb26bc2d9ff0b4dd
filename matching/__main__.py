"""Command line: generate, solve, verify, explain, measure, draw, on files.

The last line on standard output is one JSON object. Exit code 1: a promise is broken, or no
assignment exists; 2: a file or an argument is not usable; 130: interrupted. A file appears whole
or not at all.
"""

import argparse
import json
import math
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from matching import (
    Infeasible,
    Instance,
    InvalidInstance,
    Policy,
    Result,
    VerificationError,
    formats,
    measure,
    policy_named,
    solve,
    verify,
)
from matching.explain import THRESHOLD, Explainer
from matching.generate import PRESETS, Shape, generate
from matching.lottery import check_draw, public_seed
from matching.policy import POLICIES

BROKEN, MALFORMED, INTERRUPTED = 1, 2, 130
BAR = 30  # characters
MOST = 1_000  # seats for one pupil, wishes of a list
POLICIES_KNOWN = f"{', '.join(POLICIES)}, keep_rest+CODE"
MOST_PUPILS = 10_000_000
SHARES = ("school_max", "reserve", "group", "pathway", "pool")


class BadArgument(ValueError):  # noqa: N818
    """An argument cannot be used; the message is one line."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    asked = _parser().parse_args(arguments)
    try:
        answer = asked.run(asked)
    except (VerificationError, Infeasible) as error:
        return _say(str(error), BROKEN)
    except (InvalidInstance, BadArgument) as error:
        return _say(str(error), MALFORMED)
    except OSError as error:
        return _say(f"{error.filename or 'file'}: {error.strerror}", MALFORMED)
    except MemoryError:
        return _say("not enough memory for this size", MALFORMED)
    except KeyboardInterrupt:
        return _say("interrupted: nothing was written", INTERRUPTED)
    return _answer(json.dumps(answer, ensure_ascii=False))


def _answer(line: str) -> int:
    """Print the answer; a reader that went away, or a full disk, is one line too."""
    try:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except OSError as error:
        with suppress(OSError):
            sys.stdout.close()  # or Python would try once more, and complain, when it ends
        return _say(f"standard output: {error.strerror}", MALFORMED)
    return 0


def _say(line: str, code: int) -> int:
    sys.stderr.write(line.encode(errors="backslashreplace").decode() + "\n")
    return code


def run_generate(asked: argparse.Namespace) -> dict[str, Any]:
    """Write a synthetic instance."""
    formats.refuse_output(asked.output)
    shape = PRESETS.get(asked.size) or Shape(_whole(asked.size))
    _within("seed", asked.seed, 0)
    _within("ratio", asked.ratio, 0, MOST)
    _within("wishes", asked.wishes, 0, MOST)
    _within("completions", asked.completions, 0, MOST)
    for name in SHARES:
        _within(f"{name}_share".replace("_", "-"), getattr(asked, f"{name}_share"), 0, 1)
    shape = replace(shape, ratio=asked.ratio, wishes=asked.wishes, completions=asked.completions)
    shape = replace(shape, **{f"{name}_share": getattr(asked, f"{name}_share") for name in SHARES})
    instance = generate(shape, asked.seed)
    instance.to_npz(asked.output)
    seats = int(instance.cap.sum())
    return {"pupils": instance.n, "choices": instance.m, "seats": seats, "sha256": instance.sha256}


def run_solve(asked: argparse.Namespace) -> dict[str, Any]:
    """Solve an instance and write the result."""
    if asked.time_limit is not None:
        _within("time-limit", asked.time_limit, 0)
    formats.refuse_output(asked.output)
    bar = _Bar() if sys.stderr.isatty() or asked.progress else None
    instance, policy = Instance.from_npz(asked.instance), _policy(asked.policy)
    try:
        result = solve(instance, policy, seed=asked.seed, time_limit=asked.time_limit, progress=bar)
    finally:
        if bar is not None:
            bar.end()
    result.to_npz(asked.output)
    return {
        "policy": policy.code,
        "objective": list(result.objective),
        "criteria": [c.code for c in policy.criteria],
        "placed": list(measure(instance, result).placed),
        "seconds": round(result.seconds, 4),
        "proof": [asdict(p) for p in result.proof],
    }


def run_verify(asked: argparse.Namespace) -> dict[str, Any]:
    """Check every promise on a result."""
    instance, policy, result = _read(asked)
    if result.instance_sha256 != instance.sha256:
        raise VerificationError("P6", "the result was computed on another instance")
    report = verify(instance, policy, result)
    return {
        "promises": [
            {
                "promise": f.promise.code,
                "sentence": f.promise.sentence,
                "how": f.sentence,
                "pupils": f.pupils,
                "bound": list(f.bound),
            }
            for f in report.findings
        ],
        "objective": list(report.objective),
    }


def run_explain(asked: argparse.Namespace) -> dict[str, Any]:
    """Say why a pupil did not get its better wishes."""
    instance, policy, result = _solved(asked)
    if not 0 <= asked.pupil < instance.n:
        raise BadArgument(f"pupil: {asked.pupil} is not a row of this instance")
    _within("threshold", asked.threshold, 1)
    explainer = Explainer(instance, policy, result, asked.threshold)
    found = explainer.reasons(asked.pupil, asked.voice, exact=asked.exact)
    return {
        "pupil": asked.pupil,
        "choice": int(result.choice[asked.pupil]),
        "reasons": [asdict(reason) for reason in found],
    }


def run_measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Count what each group of pupils obtains."""
    instance, _, result = _solved(asked)
    found = measure(instance, result)
    return asdict(found) | {
        "share_of_seats_used": round(found.share_of_seats_used, 4),
        "share_to_priority": round(found.share_to_priority, 4),
    }


def run_draw(asked: argparse.Namespace) -> dict[str, Any]:
    """Make the draw again from what is public, and compare it with the one of a result."""
    instance, _, result = _read(asked)
    found = check_draw(instance, result, asked.secret, asked.value, asked.commitment)
    if not found.right:
        wrong = [name for name, value in asdict(found).items() if value is False]
        raise VerificationError("P6", f"the draw is not the published one: {', '.join(wrong)}")
    return {"seed": public_seed(asked.secret, asked.value), **asdict(found)}


def _read(asked: argparse.Namespace) -> tuple[Instance, Policy, Result]:
    file = asked.result or asked.instance
    instance, result = Instance.from_npz(asked.instance), Result.from_npz(file)
    if len(result.choice) != instance.n:
        raise BadArgument(f"{file}: {len(result.choice)} pupils instead of {instance.n}")
    return instance, _policy(result.policy), result


def _solved(asked: argparse.Namespace) -> tuple[Instance, Policy, Result]:
    """Read a result whose places exist: what explains and counts does not verify."""
    instance, policy, result = _read(asked)
    wrong = (result.choice != -1) & (instance.column_of(result.choice) < 0)
    if wrong.any():
        row = int(wrong.argmax())
        raise BadArgument(f"choice: row {row} has a place outside its list")
    return instance, policy, result


def _policy(code: str) -> Policy:
    try:
        return policy_named(code)
    except (KeyError, ValueError):
        line = f"policy: no policy is named {code!r}; there are {POLICIES_KNOWN}"
        raise BadArgument(line) from None


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > len(str(MOST_PUPILS)):
        raise BadArgument(f"size: {text[:40]} is neither a preset nor a number of pupils")
    _within("size", int(text), 1, MOST_PUPILS)
    return int(text)


def _text(text: str) -> str:
    """Take an argument that is text; what is not UTF-8 has no bytes to draw from."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise argparse.ArgumentTypeError("this is not UTF-8 text") from None
    return text


def _within(name: str, value: float, low: float, high: float = math.inf) -> None:
    """Refuse what is not a number from `low` to `high`."""
    if not (math.isfinite(value) and low <= value <= high):
        limits = f"at least {low}" if high == math.inf else f"from {low} to {high}"
        raise BadArgument(f"{name}: {value} is not {limits}")


class _Bar:
    """A progress call-back that draws a bar on standard error."""

    drawn = False

    def __call__(self, done: int, total: int) -> None:
        filled = BAR * done // max(1, total)
        sys.stderr.write(f"\r[{'#' * filled}{'.' * (BAR - filled)}] {done}/{total}")
        sys.stderr.flush()
        self.drawn = True

    def end(self) -> None:
        """Leave the line, also where time struck before the end."""
        if self.drawn:
            sys.stderr.write("\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m matching", description=__doc__)
    commands = parser.add_subparsers(required=True)
    made = _command(commands, "generate", run_generate)
    made.add_argument("--size", default="dept", help=f"{', '.join(PRESETS)} or a number of pupils")
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--ratio", type=float, default=0.95, help="seats for one pupil")
    made.add_argument("--wishes", type=int, default=10)
    made.add_argument("--completions", type=int, default=0)
    for name in SHARES:
        made.add_argument(f"--{name.replace('_', '-')}-share", type=float, default=0.0)
    made.add_argument("-o", "--output", type=Path, required=True)
    solved = _command(commands, "solve", run_solve)
    solved.add_argument("instance", type=Path)
    solved.add_argument("-o", "--output", type=Path, required=True)
    solved.add_argument("--policy", default="priority", help=POLICIES_KNOWN)
    solved.add_argument("--seed", type=_text, help="text of the draw; default: `lottery`")
    solved.add_argument("--time-limit", type=float, help="seconds, then the best found so far")
    solved.add_argument("--progress", action="store_true", help="show the bar in any case")
    checked = _command(commands, "verify", run_verify)
    told = _command(commands, "explain", run_explain)
    counted = _command(commands, "measure", run_measure)
    drawn = _command(commands, "draw", run_draw)
    drawn.add_argument("--secret", type=_text, required=True, help="published with the results")
    drawn.add_argument("--value", type=_text, default="", help="the public value, as entered")
    drawn.add_argument("--commitment", default="", help="published when the wishes opened")
    for command in (checked, told, counted, drawn):
        command.add_argument("instance", type=Path)
        whole = "default: the same file holds both"
        command.add_argument("result", type=Path, nargs="?", help=whole)
    told.add_argument("--pupil", type=int, required=True, help="row of the pupil")
    told.add_argument("--voice", choices=("tu", "vous"), default="tu")
    told.add_argument("--threshold", type=int, default=THRESHOLD)
    told.add_argument("--exact", action="store_true", help="prices and counts, not for families")
    return parser


def _command(
    commands: Any, name: str, run: Callable[[argparse.Namespace], dict[str, Any]]
) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(name, help=run.__doc__)
    command.set_defaults(run=run)
    return command


if __name__ == "__main__":
    sys.exit(main())
