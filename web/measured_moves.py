"""What one pupil gains by playing with its list, as `bench/` measured it: for the rules page."""

import json
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from web.format import number

FILE = Path(__file__).parent / "data" / "gaming.json"
MOVES = {
    "keep 1": "Ne garder que son premier vœu",
    "keep 3": "Ne garder que ses trois premiers vœux",
    "keep 5": "Ne garder que ses cinq premiers vœux",
    "narrow limits": "Accepter le moins possible d’autres places",
    "pad with the hottest": "Garder son premier vœu, puis mettre les stages les plus demandés",
    "least wanted first": "Mettre en premier, parmi ses vœux, le moins demandé",
}
OUTCOMES = {
    "first": "auraient eu leur premier vœu",
    "lower": "auraient eu un autre vœu",
    "outside": "n’auraient eu aucun de leurs vœux",
}
LABELS = {0: "REP+", 1: "REP", 3: "Autre"}
BAD_BET = 5  # % of gainers from which a move is no longer called a bad bet


@dataclass(frozen=True, slots=True)
class Share:
    """Out of 100 pupils who try, how many gain and how many lose."""

    better: float
    worse: float
    who: str = "essaient"

    @property
    def gain(self) -> str:
        """How many gain, in words."""
        return _few(self.better)

    @property
    def loss(self) -> str:
        """How many lose, in words."""
        return _few(self.worse)


@dataclass(frozen=True, slots=True)
class Line:
    """One move: its words, what it gives to everybody and by honest outcome."""

    words: str
    everybody: Share
    by_outcome: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Detail:
    """One move for the pupils of one label and outcome, as measured."""

    label: str
    outcome: str
    sampled: int
    words: str
    better: int
    worse: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What the page quotes for one policy."""

    on: date
    pupils: int
    seats: int
    tries: int
    lines: tuple[Line, ...]
    details: tuple[Detail, ...]

    @property
    def bad_bets(self) -> int:
        """How many moves, over all pupils, harm more of them than they help."""
        return sum(line.everybody.worse > line.everybody.better for line in self.lines)

    @property
    def shortest(self) -> Share:
        """What keeping one's first wish only gives, over all pupils."""
        return self.lines[0].everybody

    @property
    def short_loses(self) -> bool:
        """Whether every shorter list harms at least twice as many pupils as it helps."""
        short = [line.everybody for line in self.lines[:3]]
        return all(share.worse > 2 * share.better for share in short)

    @property
    def tempting(self) -> list[tuple[str, Share]]:
        """(move, share) where at least one pupil in twenty of an outcome gains, most first."""
        found = [
            (line.words, share)
            for line in self.lines
            for share in line.by_outcome
            if share.better >= BAD_BET
        ]
        return sorted(found, key=lambda one: -one[1].better)


def measured_moves(policy: str) -> Measured | None:
    """What was measured under a policy; None if it was not."""
    data = _data()
    groups = [group for group in data["policies"].get(policy, ()) if group["sampled"]]
    if not groups:
        return None
    return Measured(
        on=date.fromisoformat(data["measured_on"]),
        pupils=data["pupils"],
        seats=data["seats"],
        tries=sum(group["sampled"] for group in groups) * len(MOVES),
        lines=tuple(_line(move, words, groups) for move, words in MOVES.items()),
        details=tuple(
            Detail(
                LABELS[group["tier"]],
                OUTCOMES[group["outcome"]],
                group["sampled"],
                words,
                *group["moves"][move],
            )
            for group in groups
            for move, words in MOVES.items()
        ),
    )


def _few(share: float) -> str:
    return "moins de 1" if 0 < share < 1 else number(share)


@lru_cache
def _data() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return read


def _line(move: str, words: str, groups: list[dict[str, Any]]) -> Line:
    shares = []
    for outcome, who in OUTCOMES.items():
        alike = [group for group in groups if group["outcome"] == outcome]
        if alike:
            shares.append(_share(move, alike, who))
    return Line(words, _share(move, groups), tuple(shares))


def _share(move: str, groups: list[dict[str, Any]], who: str = "essaient") -> Share:
    """Groups were sampled apart: each weighs as many pupils as it has."""
    size = sum(group["pupils"] for group in groups)
    better, worse = (
        100 * sum(g["pupils"] * g["moves"][move][side] / g["sampled"] for g in groups) / size
        for side in (0, 1)
    )
    return Share(better, worse, who)
