"""Words as a search compares them: without accents, and forgiving small slips of the finger."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

SHORTEST = 4
"""Below that, a word with a slip looks like too many others."""
LONG = 8


@lru_cache(maxsize=32768)
def plain(text: str) -> str:
    """The text in small letters, without accents, ligatures undone: « Bœuf » is « boeuf »."""
    joined = text.lower().replace("œ", "oe").replace("æ", "ae").replace("’", "'")
    return "".join(c for c in unicodedata.normalize("NFD", joined) if not unicodedata.combining(c))


def in_order(last_name: str, first_name: str) -> tuple[str, str]:
    """What people are sorted by: « Gérard » comes before « Guérin », which no database promises."""
    return plain(last_name), plain(first_name)


def close_words(typed: str, known: Iterable[str]) -> tuple[str, ...]:
    """The known words nearest to a typed one: one slip apart, two from eight letters on."""
    if len(typed) < SHORTEST:
        return ()
    most = 2 if len(typed) >= LONG else 1
    letters = set(typed)
    found: dict[int, list[str]] = {}
    for word in known:
        if abs(len(word) - len(typed)) > most or len(letters ^ set(word)) > 2 * most:
            continue
        if (slips := _slips(typed, word)) <= most:
            found.setdefault(slips, []).append(word)
    return tuple(sorted(found[min(found)])) if found else ()


def _slips(one: str, other: str) -> int:
    """How many letters are added, left out, changed, or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            best = min(before[j] + 1, row[-1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, older[j - 2] + 1)
            row.append(best)
    return row[-1]
