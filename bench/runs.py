"""Measured runs in child processes, and tables in Markdown."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matching import Instance

ORDERS = ("near", "given", "tier", "shuffled")
EVERY_ORDER = 20_000  # pupils up to which rivals are tried in every order of rows


@dataclass(frozen=True)
class Run:
    """A measure: seconds (None if the limit struck), what was found, memory in MB."""

    seconds: float | None
    cost: Any = None
    mb: int = 0
    note: str = ""

    @property
    def time(self) -> str:
        """Seconds as text."""
        if self.seconds is None:
            return self.note
        return f"{self.seconds:.3f}" if self.seconds < 1 else f"{self.seconds:.1f}"


class Bench:
    """Runs methods on one instance, written once to a temporary file."""

    def __init__(self, instance: Instance, limit: float) -> None:
        self.instance, self.limit = instance, limit
        self._folder = tempfile.TemporaryDirectory()
        self.path = Path(self._folder.name) / "instance.npz"
        instance.to_npz(self.path)

    def __enter__(self) -> "Bench":
        return self

    def __exit__(self, *_: object) -> None:
        self._folder.cleanup()

    def run(self, method: str, order: str = "given") -> Run:
        """Run a method in a child process."""
        command = [sys.executable, "-m", "bench.child", str(self.path), method, order]
        try:
            done = subprocess.run(  # noqa: S603
                command, capture_output=True, text=True, timeout=self.limit, check=False
            )
        except subprocess.TimeoutExpired:
            return Run(None, note=f"> {self.limit:.0f} s")
        if done.returncode:
            return Run(None, note=(done.stderr.strip().splitlines() or ["failed"])[-1][:60])
        said = json.loads(done.stdout.splitlines()[-1])
        return Run(said["seconds"], said["cost"], said["mb"])

    def best(self, rival: str) -> Run:
        """Run a rival in the order of rows that suits it best."""
        orders = ORDERS if self.instance.n <= EVERY_ORDER else ORDERS[:1]
        runs = [self.run(rival, order) for order in orders]
        return min(runs, key=lambda r: r.seconds if r.seconds is not None else float("inf"))


def ratio(other: Run, ours: Run) -> str:
    """How many times longer the other takes."""
    if other.seconds is None or not ours.seconds:
        return "–"
    return f"{other.seconds / ours.seconds:.1f} ×"


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table, numbers to the right."""
    lines = ["| " + " | ".join(head) + " |", "|---" + "|--:" * (len(head) - 1) + "|"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def thousands(count: int) -> str:
    """12345 as 12,345."""
    return f"{count:,}"
