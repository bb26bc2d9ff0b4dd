"""Vector costs in few machine words, and prices back from words to criteria.

Each criterion is a signed digit wide enough for any path cost or price, so comparing words as
integers is comparing criteria in order. A run of criteria that only count unplaced pupils becomes
one digit, the pupil's place in the order of their vectors: a path leaves out one pupil at most,
so only that order is ever looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from matching.network import Network
from matching.policy import TIER_NAMES, Criterion, Values

Ints = NDArray[np.int64]
WORD_BITS = 62
OUT_ONLY = ("unplaced", "draw")


@dataclass(frozen=True)
class Digit:
    """A signed digit: the criteria that it stands for, its width, its place in a word."""

    criteria: tuple[int, ...]  # positions in the policy; empty for the seats of open groups
    table: Ints | None  # [values, criteria] for a merged run
    bits: int
    word: int
    shift: int


@dataclass(frozen=True)
class Packed:
    """Costs as words, the most significant first."""

    words: int
    arc: Ints  # [arcs, words]
    out: Ints  # [pupils, words]
    digits: tuple[Digit, ...]
    unit: int  # worth, in word 0, of one seat of an open group

    def unpack(self, price: Ints, criteria: int) -> Ints:
        """[rows, criteria] values of packed [rows, words]."""
        value = np.zeros((len(price), criteria), np.int64)
        rest = price.copy()
        for digit in reversed(self.digits):
            half = np.int64(1) << np.int64(digit.bits - 1)
            word = rest[:, digit.word]
            one = ((word + half) & ((half << np.int64(1)) - 1)) - half
            rest[:, digit.word] = (word - one) >> np.int64(digit.bits)
            if digit.table is not None:
                value[:, digit.criteria] = digit.table[np.clip(one, 0, len(digit.table) - 1)]
            elif digit.criteria:
                value[:, digit.criteria[0]] = one
        return value

    def holds(self, price: Ints, criteria: int) -> bool:
        """Say whether every digit is within its bounds, so that comparing words is exact."""
        return np.array_equal(self.repack(self.unpack(price, criteria)), price)

    def repack(self, value: Ints) -> Ints:
        """[rows, words] of [rows, criteria] prices; those without an exact form are rounded."""
        price = np.zeros((len(value), self.words), np.int64)
        for digit in self.digits:
            if digit.criteria:
                given = value[:, digit.criteria]
                one = given[:, 0] if digit.table is None else _place(digit.table, given)
                most = np.int64(1) << np.int64(digit.bits - 2)
                price[:, digit.word] += np.clip(one, -most, most) << np.int64(digit.shift)
        return price


def _place(table: Ints, given: Ints) -> Ints:
    """Position in the table of the last row that is not above each vector."""
    known = np.concatenate([np.ones(len(table), np.int64), np.zeros(len(given), np.int64)])
    rows = np.concatenate([table, given])
    order = np.lexsort((-known, *rows.T[::-1]))
    place = np.empty(len(order), np.int64)
    place[order] = np.cumsum(known[order]) - 1
    return np.maximum(place[len(table) :], 0)


def pack(network: Network, values: Values, criteria: Sequence[Criterion]) -> Packed:
    """Return the costs of a network's arcs and of its pupils left out."""
    longest = _longest_path(network)
    of_tier = np.bincount(values.instance.tier[network.pupils], minlength=len(TIER_NAMES))
    widths: list[tuple[tuple[int, ...], Ints | None, int]] = []
    columns: list[tuple[Ints | None, Ints]] = []
    if network.low.any():
        widths.append(((), None, _bits(1, longest)))
        columns.append((None, np.zeros(len(network.pupils), np.int64)))
    numbered = list(enumerate(criteria))
    for merged, run in groupby(numbered, key=lambda item: item[1].kind in OUT_ONLY):
        items = list(run)
        if merged:
            table, out = _merged([values.of_unplaced(c)[network.pupils] for _, c in items])
            if len(table) > 1:
                widths.append((tuple(q for q, _ in items), table, _bits(len(table) - 1, 1)))
                columns.append((None, out))
            continue
        for q, criterion in items:
            arc = values.of_arcs(criterion).ravel()[network.arc_cell]
            out = values.of_unplaced(criterion)[network.pupils]
            top = int(max(arc.max(initial=0), out.max(initial=0)))
            if top:
                mine = int(of_tier[criterion.tier]) if criterion.tier is not None else longest
                widths.append(((q,), None, _bits(top, min(longest, mine + 1))))
                columns.append((arc, out))
    return _assemble(network, _layout(widths), columns)


def _bits(top: int, path: int) -> int:
    """Width of a digit whose values are within ±`top` on paths through `path` pupils."""
    bits = (4 * (path + 3) * top).bit_length()
    if bits > WORD_BITS:
        raise ValueError("this instance is too large for exact 64-bit costs")
    return bits


def _longest_path(network: Network) -> int:
    """Bound the pupils on a path: it leaves each contested leaf once."""
    arcs = np.bincount(network.arc_node, minlength=len(network.cap))
    contested = arcs > network.cap
    inner = network.parent >= 0
    contested[inner] = True
    return int(min(len(network.pupils), int((contested & (arcs > 0)).sum()))) + 1


def _merged(columns: list[Ints]) -> tuple[Ints, Ints]:
    """Number the distinct vectors in lexicographic order, the zero vector being 0."""
    stacked = np.stack([np.concatenate([[0], c]) for c in columns], axis=1)
    order = np.lexsort(stacked.T[::-1])
    ordered = stacked[order]
    fresh = np.concatenate([[False], (ordered[1:] != ordered[:-1]).any(axis=1)])
    number = np.empty(len(order), np.int64)
    number[order] = np.cumsum(fresh)
    return ordered[np.concatenate([[0], np.flatnonzero(fresh)])], number[1:]


def _layout(widths: list[tuple[tuple[int, ...], Ints | None, int]]) -> tuple[Digit, ...]:
    """Fill words from the first digit on, then set the shifts."""
    words: list[list[int]] = [[]]
    for index, (_, _, bits) in enumerate(widths):
        if sum(widths[i][2] for i in words[-1]) + bits > WORD_BITS:
            words.append([])
        words[-1].append(index)
    digits = []
    for word, members in enumerate(words):
        shift = sum(widths[i][2] for i in members)
        for index in members:
            criteria, table, bits = widths[index]
            shift -= bits
            digits.append(Digit(criteria, table, bits, word, shift))
    return tuple(digits)


def _assemble(
    network: Network, digits: tuple[Digit, ...], columns: list[tuple[Ints | None, Ints]]
) -> Packed:
    words = 1 + max((d.word for d in digits), default=0)
    arc = np.zeros((len(network.arc_node), words), np.int64)
    out = np.zeros((len(network.pupils), words), np.int64)
    unit = 0
    for digit, (of_arc, of_out) in zip(digits, columns, strict=True):
        shift = np.int64(digit.shift)
        if of_arc is not None:
            arc[:, digit.word] += of_arc << shift
        out[:, digit.word] += of_out << shift
        if not digit.criteria:
            unit = 1 << digit.shift
    return Packed(words, arc, out, digits, unit)
