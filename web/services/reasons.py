"""Why this place, or why none: reasons a family and a reviewer can read."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from sqlalchemy.orm import Session

from matching import Instance, Result, explain, policy_named
from models import (
    RunChoice,
    RunState,
    Wish,
    run_choices,
    run_pupil,
    run_with_arrays,
    wishes_of,
)
from web.services.errors import Gone

Voice = Literal["tu", "vous"]

WORDS = {
    "tu": {
        "first": "Tu as une place, et c’est ton premier vœu.",
        "wish": "Tu as une place. C’est ton vœu {rank}.",
        "completion": "Aucun de tes vœux n’était possible. Tu as une autre place, acceptée à "
        "l’avance : elle est dans tes limites.",
        "none": "Toutes les places que tu pouvais avoir sont allées à des élèves qui passent "
        "avant, par la règle publiée.",
        "given": "C’est la place proposée.",
        "later": "La règle n’a pas eu besoin d’aller jusqu’à ce vœu.",
        "closed": "Cette offre n’avait plus de place dans tes semaines au moment du calcul.",
    },
    "vous": {
        "first": "Une place est proposée, et c’est le premier vœu.",
        "wish": "Une place est proposée. C’est le vœu {rank}.",
        "completion": "Aucun vœu n’était possible. Une autre place, acceptée à l’avance, est "
        "proposée : elle est dans les limites de la famille.",
        "none": "Toutes les places possibles sont allées à des élèves qui passent avant, par la "
        "règle publiée.",
        "given": "C’est la place proposée.",
        "later": "La règle n’a pas eu besoin d’aller jusqu’à ce vœu.",
        "closed": "Cette offre n’avait plus de place dans ces semaines au moment du calcul.",
    },
}


@dataclass(frozen=True, slots=True)
class Reason:
    """What happened to one wish."""

    rank: int
    offer_title: str
    sentence: str
    granted: bool


@dataclass(frozen=True, slots=True)
class Explanation:
    """One sentence about the outcome, then one for each wish, best first."""

    summary: str
    wishes: list[Reason]


def why(session: Session, run_id: int, pupil_id: int, *, voice: Voice = "tu") -> Explanation:
    """Return why a run gave a pupil this place or none, pointing at nobody.

    Raises:
        Gone: the run has no result, or this pupil was not in it.
    """
    run = session.scalar(run_with_arrays(run_id))
    row = session.scalar(run_pupil(run_id, pupil_id))
    if run is None or row is None or run.result is None or run.state is not RunState.DONE:
        raise Gone("Ce calcul n’a rien à dire de cet élève.")
    instance, result = _decoded(run.instance, run.result)
    choices = session.scalars(run_choices(run_id)).all()
    wishes = session.scalars(wishes_of(pupil_id)).all()
    sentences = _sentences(instance, result, run.policy, row.row)
    given = int(result.choice[row.row])
    place = choices[given].offer_week_id if given >= 0 else None
    by_rank = _rank_rows(instance, choices, row.row)
    reasons = [_reason(wish, place, sentences, by_rank, WORDS[voice]) for wish in wishes]
    return Explanation(_summary(instance, result, row.row, voice), reasons)


@lru_cache(maxsize=4)
def _decoded(instance: bytes, result: bytes) -> tuple[Instance, Result]:
    """The arrays of a run, read once: its bytes never change."""
    return Instance.from_npz(instance), Result.from_npz(result)


def _sentences(instance: Instance, result: Result, policy: str, row: int) -> dict[int, str]:
    """The rule's own sentence for each choice better than the place."""
    found = explain(instance, policy_named(policy), result, row)
    return {reason.choice: reason.sentence for reason in found}


def _rank_rows(instance: Instance, choices: Sequence[RunChoice], row: int) -> dict[int, int]:
    """{offer-week: choice} of the arcs of a pupil."""
    arcs = instance.wish[row]
    return {choices[choice].offer_week_id: int(choice) for choice in arcs[arcs >= 0].tolist()}


def _reason(
    wish: Wish,
    place: int | None,
    sentences: dict[int, str],
    arcs: dict[int, int],
    words: dict[str, str],
) -> Reason:
    weeks = [offered.id for offered in wish.offer.weeks]
    own = [arcs[week] for week in weeks if week in arcs]
    if place in weeks:
        sentence = words["given"]
    elif not own:
        sentence = words["closed"]
    else:
        told = [sentences[choice] for choice in own if choice in sentences]
        sentence = told[0] if told else words["later"]
    return Reason(wish.rank, wish.offer.title, sentence, place in weeks)


def _summary(instance: Instance, result: Result, row: int, voice: Voice) -> str:
    words = WORDS[voice]
    column = int(instance.column_of(result.choice)[row])
    if column < 0:
        return words["none"]
    if instance.completion[row, column]:
        return words["completion"]
    rank = int(instance.rank[row, column])
    return words["first"] if rank == 1 else words["wish"].format(rank=rank)
