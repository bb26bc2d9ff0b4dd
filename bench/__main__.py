"""Print the tables: `python -m bench --size dept --what speed`. By default, a few minutes."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator
from datetime import date
from itertools import chain
from pathlib import Path

from bench import gaming, tables
from bench.instances import FAMILIES
from matching import POLICIES

TOLD = ("priority", "best_ranks", "most_first_wishes", "nobody_last", "order_of_priority")
WHAT = ("speed", "stress", "hard", "explain", "gaming", "growth")


def main(arguments: list[str] | None = None) -> int:
    """Print the tables asked for, as they come."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.data and not asked.date:
        parser.error("--data needs --date")
    out = []
    for part in chain([_machine()], _parts(asked)):
        print(part + "\n", flush=True)
        out.append(part)
    if asked.output:
        asked.output.write_text("\n\n".join(out) + "\n", encoding="utf-8")
    return 0


def _parts(asked: argparse.Namespace) -> Iterator[str]:
    for what in asked.what or WHAT:
        match what:
            case "speed":
                for size in asked.size or ["rep44", "dept"]:
                    yield from tables.speed(size, asked.limit)
            case "stress":
                families = tuple(asked.family or FAMILIES)
                yield from tables.stress(asked.pupils, asked.limit, families)
            case "hard":
                yield from tables.hard(tuple(asked.size or ["rep44", "dept"]))
                yield from tables.composing((60, 150, 300))
            case "explain":
                for size in asked.size or ["rep44", "dept"]:
                    yield from tables.explanations(size)
            case "gaming":
                yield from _gaming(asked)
            case "growth":
                yield from tables.growth(asked.largest, asked.limit)


def _gaming(asked: argparse.Namespace) -> Iterator[str]:
    """Try the moves, and write what they give where the public page reads it if asked."""
    found = gaming.gaming(asked.policy or TOLD, asked.sample)
    if asked.data:
        told = {"measured_on": asked.date.isoformat(), **found}
        asked.data.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    yield from gaming.tables(found)


def _machine() -> str:
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; "
        "one core used by each method; seconds of processor, the best of three when under a second."
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--what", action="append", choices=WHAT)
    parser.add_argument("--size", action="append", help="rep44, dept, rep_fr, france or a number")
    parser.add_argument("--family", action="append", choices=FAMILIES)
    parser.add_argument("--pupils", type=int, default=15_000, help="of the stress families")
    parser.add_argument("--policy", action="append", choices=list(POLICIES), help="for gaming")
    parser.add_argument("--sample", type=int, default=50, help="pupils of each group, for gaming")
    parser.add_argument("--largest", type=int, default=32_000, help="pupils, for growth")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for one run")
    parser.add_argument("--output", type=Path, help="also write the tables to this file")
    parser.add_argument("--data", type=Path, help="gaming: also write web/data/gaming.json")
    parser.add_argument("--date", type=date.fromisoformat, help="with --data: the day of measuring")
    return parser


if __name__ == "__main__":
    sys.exit(main())
