"""The draws can be recomputed by anybody: positions with sha256sum, pairs with test vectors."""

import hashlib

import numpy as np

from matching import draws


def test_positions_follow_the_hash_of_seed_and_key():
    keys = np.array([12, 5, 99, 7])
    numbers = [hashlib.sha256(b"graine" + str(k).encode()).hexdigest() for k in keys]
    expected = [sorted(numbers).index(x) for x in numbers]
    assert draws.positions(keys, "graine").tolist() == expected


def test_a_seed_is_the_same_as_text_bytes_or_integer():
    keys = np.arange(50)
    assert (draws.positions(keys, 42) == draws.positions(keys, "42")).all()
    assert (draws.positions(keys, 42) == draws.positions(keys, b"42")).all()


def test_pair_draw_vectors():
    pupils, choices = np.array([0, 1, 2**62]), np.array([0, 7, 2**63 - 1])
    assert draws.pair_draws(pupils, choices, "graine").tolist() == [
        _by_hand(p, c) for p, c in zip(pupils.tolist(), choices.tolist(), strict=True)
    ]


def test_pair_draws_are_spread_over_40_bits():
    drawn = draws.pair_draws(np.arange(300)[:, None], np.arange(300)[None, :], 1)
    assert 0 <= drawn.min() < 2**26
    assert 2**40 - 2**26 < drawn.max() < 2**40
    assert len(np.unique(drawn)) > 89_990


def _by_hand(pupil, choice):
    words = hashlib.sha256(b"graine/pair").digest()
    k0, k1 = (int.from_bytes(words[a : a + 8], "little") for a in (0, 8))
    return _mix(_mix(pupil + k0) ^ ((choice + k1) * 0x9E3779B97F4A7C15 % 2**64)) >> 24


def _mix(x):
    x %= 2**64
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB % 2**64
    return x ^ (x >> 31)
