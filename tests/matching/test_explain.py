"""Explanations tell the true price of a wish, and show no other pupil."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from matching import POLICIES, Infeasible, Instance, explain, solve, words
from matching.explain import Explainer
from matching.generate import Shape, generate
from matching.words import price_sentences
from tests.matching import oracle

PRIORITY = POLICIES["priority"]
LISTED = [p for p in POLICIES.values() if not p.replay]
BOUND = Shape(
    400,
    ratio=0.85,
    wishes=6,
    side_km=25,
    school_size=40,
    tiers=(0.3, 0.3, 0.2, 0.2),
    school_max_share=0.4,
    reserve_share=0.4,
    pool_share=0.4,
)
SCARCE = Shape(
    80,
    ratio=0.85,
    wishes=8,
    side_km=12,
    school_size=12,
    school_max_share=0.3,
    reserve_share=0.3,
    pool_share=0.1,
)


def granted(instance, policy, result, pupil, choice, seed):
    """What solving again with the wish granted changes; None if it cannot be granted."""
    try:
        again = solve(instance, policy, seed=seed, locks={pupil: choice})
    except Infeasible:
        return None
    return tuple(b - a for a, b in zip(result.objective, again.objective, strict=True))


def better_wishes(instance, result, pupil):
    row = zip(instance.wish[pupil], instance.rank[pupil], instance.completion[pupil], strict=True)
    own = instance.rank[pupil][instance.wish[pupil] == result.choice[pupil]]
    limit = own[0] if result.choice[pupil] >= 0 else 10**6
    return [int(j) for j, r, completion in row if j >= 0 and not completion and r < limit]


@settings(max_examples=120, deadline=None)
@given(oracle.instances(oracle.FLOW), st.sampled_from(LISTED))
def test_the_price_is_what_solving_again_with_the_wish_granted_would_change(instance, policy):
    try:
        result = solve(instance, policy, seed=3)
    except Infeasible:
        assume(False)
    explainer = Explainer(instance, policy, result)
    for pupil in range(instance.n):
        reasons = explainer.reasons(pupil, exact=True)
        assert [r.choice for r in reasons] == better_wishes(instance, result, pupil)
        for reason in reasons:
            if reason.cause in ("locked", "banned"):
                assert (reason.pricing, reason.price) == ("impossible", None)
            else:
                change = granted(instance, policy, result, pupil, reason.choice, 3)
                assert reason.price == change
                assert reason.pricing == ("impossible" if change is None else "exact")


@pytest.mark.parametrize("policy", LISTED, ids=lambda p: p.code)
def test_the_price_is_exact_among_hundreds_of_pupils(policy):
    instance = generate(BOUND, 3)
    result = solve(instance, policy, seed=8)
    explainer = Explainer(instance, policy, result)
    asked = [i for i in range(instance.n) if better_wishes(instance, result, i)][::70]
    for pupil in asked:
        for reason in explainer.reasons(pupil, exact=True):
            assert reason.price == granted(instance, policy, result, pupil, reason.choice, 8)
            if reason.price is not None:
                assert reason.price > (0,) * len(reason.price)


@pytest.mark.parametrize("policy", LISTED, ids=lambda p: p.code)
def test_the_price_is_exact_where_it_takes_a_pupil_out_and_another_in(policy):
    instance = generate(SCARCE, 4)
    result = solve(instance, policy, seed=8)
    explainer = Explainer(instance, policy, result)
    for pupil in range(0, instance.n, 3):
        for reason in explainer.reasons(pupil, exact=True)[::2]:
            assert reason.price == granted(instance, policy, result, pupil, reason.choice, 8)


def test_a_first_wish_needs_no_explanation():
    instance = generate(BOUND, 3)
    result = solve(instance, PRIORITY, seed=8)
    happy = int(np.flatnonzero(result.choice == instance.wish[:, 0])[0])
    assert explain(instance, PRIORITY, result, happy) == ()


def test_groups_and_pathways_are_priced_on_request_only():
    shape = Shape(150, ratio=0.9, wishes=5, side_km=20, group_share=0.5, pathway_share=0.2)
    instance = generate(shape, 2)
    result = solve(instance, PRIORITY, seed=8)
    explainer = Explainer(instance, PRIORITY, result)
    pupil, reason = next(
        (i, r)
        for i in range(instance.n)
        for r in explainer.reasons(i, exact=True)
        if r.pricing == "not computed" and r.cause == "full"
    )
    assert (reason.price, reason.price_sentences) == (None, words.NOT_COMPUTED)
    price = explainer.price_by_solving(pupil, reason.choice)
    assert price == granted(instance, PRIORITY, result, pupil, reason.choice, 8)


def test_a_wish_that_no_assignment_grants_has_no_price():
    instance = Instance(
        tier=[0, 0], school=[0, 0], wish=[[0, 1], [1, -1]], cap=[2, 2], min_group=[2, 2]
    )
    instance = replace(instance, lock=np.array([-2, 1]))
    result = solve(instance, PRIORITY, seed=1)
    explainer = Explainer(instance, PRIORITY, result)
    (reason,) = explainer.reasons(0, exact=True)
    assert (reason.cause, reason.pricing) == ("shut", "impossible")
    assert reason.price_sentences == words.IMPOSSIBLE
    assert explainer.price_by_solving(0, 0) is None
    replayed = POLICIES["order_of_priority"]
    turns = Explainer(instance, replayed, solve(instance, replayed, seed=1))
    assert turns.price_by_solving(0, 0) is None
    assert turns.reasons(0, exact=True)[0].price_sentences == words.IN_TURN


def one_offer(**arrays):
    """Six pupils of three tiers want one offer of five seats; the last of the draw has none."""
    base = {
        "tier": [0, 0, 1, 1, 1, 3],
        "school": [0, 0, 1, 1, 1, 2],
        "wish": [[0, 1]] * 6,
        "cap": [5, 9],
    }
    return Instance(**(base | arrays))


@pytest.mark.parametrize(
    ("arrays", "cause", "words"),
    [
        ({}, "full", "Les 5 places sont allées à des élèves de collèges qui passent avant."),
        ({"cap": [4, 9]}, "full", "Toutes les places sont allées à d’autres élèves."),
        ({"cap": [0, 9]}, "closed", "n’accueille personne cette semaine-là"),
        ({"cap": [6, 9], "reserve": [6, 0]}, "reserve", "gardées pour les collèges REP+ et REP"),
        ({"lock": [-2] * 5 + [1]}, "locked", "décidé de ta place"),
        ({"ban": [[0, 0]] * 5 + [[1, 0]]}, "banned", "écarté cette place"),
        ({"min_group": [7, 0]}, "shut", "C’est un groupe de 7 élèves au moins"),
        ({"cap": [9, 9], "pool": [0, -1], "pool_cap": [5]}, "pool", "semaines réunies"),
        (
            {"cap": [9, 9], "parc_ptr": [0, 1, 1], "parc_seg": [0], "seg_cap": [5]},
            "pathway",
            "une demi-journée déjà complète",
        ),
    ],
)
def test_each_limit_has_its_words(arrays, cause, words):
    instance = one_offer(**arrays)
    result = solve(instance, PRIORITY, seed=1)
    assert result.choice[5] == 1
    (reason,) = explain(instance, PRIORITY, result, 5)
    assert reason.cause == cause
    assert words in reason.sentence


def test_the_maximum_of_a_school_is_told_without_a_number():
    instance = one_offer(tier=[3] * 6, school=[0] * 6, cap=[9, 9], school_cap=[2, 0])
    result = solve(instance, PRIORITY, seed=1)
    pupil = int(np.flatnonzero(result.choice == 1)[0])
    (reason,) = explain(instance, PRIORITY, result, pupil)
    assert "limite le nombre d’élèves d’un même collège" in reason.sentence
    assert not re.search(r"\d", reason.sentence)


def test_the_draw_is_named_only_when_it_decided():
    instance = Instance(
        tier=[3] * 6, school=[0] * 6, wish=[[0]] * 6, cap=[5], lottery=list(range(6))
    )
    result = solve(instance, PRIORITY)
    (reason,) = explain(instance, PRIORITY, result, 5, exact=True)
    assert "mieux placés au tirage au sort" in reason.sentence
    (draw,) = reason.price_sentences
    assert re.fullmatch(r"ordre du tirage d’autres collèges moins bien suivi \(écart \d\)", draw)
    plain = POLICIES["no_priority"]
    left = solve(instance, plain)
    (other,) = explain(instance, plain, left, int(np.flatnonzero(left.choice < 0)[0]))
    assert "mieux placés" not in other.sentence


def test_two_voices_say_the_same_about_the_pupil():
    instance = one_offer()
    result = solve(instance, PRIORITY, seed=1)
    (tu,) = explain(instance, PRIORITY, result, 5, voice="tu")
    (vous,) = explain(instance, PRIORITY, result, 5, voice="vous")
    assert "Te la donner" in tu.sentence
    assert "La donner à cet élève" in vous.sentence
    assert replace(tu, sentence="") == replace(vous, sentence="")


@pytest.mark.parametrize(("policy", "threshold"), [*((p, 5) for p in LISTED), (PRIORITY, 20)])
def test_families_never_read_a_count_under_the_threshold(policy, threshold):
    instance = generate(replace(BOUND, group_share=0.1), 4)
    result = solve(instance, policy, seed=2)
    explainer = Explainer(instance, policy, result, threshold)
    public = set(range(2, 12)) | set(instance.min_group.tolist())
    for pupil in range(0, instance.n, 9):
        for reason in explainer.reasons(pupil, "vous"):
            assert "'" not in reason.sentence
            assert "classe" not in reason.sentence
            counts = re.findall(r"Les (\d+) places", reason.sentence)
            assert all(int(c) >= threshold for c in counts)
            rest = re.sub(r"Les \d+ places", "", reason.sentence)
            assert all(int(d) in public for d in re.findall(r"\d+", rest))
            assert reason.price is None
            assert reason.price_sentences == ()
            for count in (*(reason.taken_by or ()), reason.drawn_before or 0):
                assert count == 0 or count >= threshold


def test_counts_are_told_to_families_all_or_none():
    few, enough = one_offer(), one_offer(tier=[0] * 5 + [3], school=[0] * 5 + [2])
    for instance, told in ((few, None), (enough, (5, 0, 0, 0))):
        result = solve(instance, PRIORITY, seed=1)
        (reason,) = explain(instance, PRIORITY, result, 5)
        assert reason.taken_by == told
        (whole,) = explain(instance, PRIORITY, result, 5, exact=True)
        assert sum(whole.taken_by) == 5
        assert whole.price is not None


def test_exact_prices_are_said_to_animators_in_french():
    price = [0] * len(PRIORITY.criteria)
    assert price_sentences(PRIORITY, tuple(price)) == words.NOTHING
    price[13] = -7
    assert price_sentences(PRIORITY, tuple(price)) == ("tirage de départage seulement",)
    price[0], price[4], price[9], price[12] = 1, -3, -2, 15
    assert price_sentences(PRIORITY, tuple(price)) == (
        "1 élève REP+ de plus sans stage",
        "ordre du tirage REP+ mieux suivi (écart 3)",
        "2 rangs gagnés par des élèves REP",
        "1,5 km de plus au total",
    )
