"""Why this place, or why none: reasons a family and a reviewer can read."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from sqlalchemy.orm import Session

from matching import Instance, Result, policy_named
from matching.explain import Explainer
from matching.explain import Reason as Why
from matching.words import NOT_COMPUTED
from models import (
    Run,
    RunState,
    Wish,
    places_of_run,
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
        "remaining": "Aucun de tes vœux n’était possible, ni aucune place dans tes limites. Voici "
        "une place encore libre dans tes semaines.",
        "none": "Il ne restait aucune place parmi celles que tu pouvais avoir. La règle publiée "
        "dit qui passe avant.",
        "given": "C’est la place proposée.",
        "later": "La règle n’a pas eu besoin d’aller jusqu’à ce vœu.",
        "closed": "Cette offre n’avait plus de place dans tes semaines au moment du calcul.",
    },
    "vous": {
        "first": "Une place est proposée, et c’est le premier vœu.",
        "wish": "Une place est proposée. C’est le vœu {rank}.",
        "completion": "Aucun vœu n’était possible. Une autre place, acceptée à l’avance, est "
        "proposée : elle est dans les limites de la famille.",
        "remaining": "Aucun vœu n’était possible, ni aucune place dans les limites de la famille. "
        "Voici une place encore libre dans les semaines de la classe.",
        "none": "Il ne restait aucune place parmi celles qui étaient possibles. La règle publiée "
        "dit qui passe avant.",
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
    host: str = ""
    price: tuple[str, ...] = ()
    """What granting it would have cost, exactly: for animators only."""

    @property
    def computed(self) -> bool:
        """Whether the price is known without computing again."""
        return self.price != NOT_COMPUTED


@dataclass(frozen=True, slots=True)
class Explanation:
    """One sentence about the outcome, then one for each wish, best first."""

    summary: str
    wishes: list[Reason]

    @property
    def told(self) -> list[Reason]:
        """The wishes that call for a reason: up to the granted one; all when none was."""
        granted = next((n for n, one in enumerate(self.wishes, 1) if one.granted), None)
        return self.wishes[:granted]

    @property
    def untold(self) -> list[Reason]:
        """The wishes below the granted one: the rule did not need them."""
        return self.wishes[len(self.told) :]


def why(
    session: Session, run_id: int, pupil_id: int, *, voice: Voice = "tu", prices: bool = False
) -> Explanation:
    """Return why a run gave a pupil this place or none, pointing at nobody.

    `prices` adds, for animators, the exact price of each better wish.

    Raises:
        Gone: the run has no result, or this pupil was not in it.
    """
    told = _told(session, run_id, pupil_id)
    ruled = _ruling(session, told, pupil_id)
    words = WORDS[voice]
    wishes = session.scalars(wishes_of(pupil_id)).all()
    own = ruled.reasons(voice, exact=prices)
    reasons = [_reason(wish, told.place, own, words, prices=prices) for wish in wishes]
    if ruled.place is None and told.place is not None:
        return Explanation(words["remaining"], reasons)
    return Explanation(_summary(told.instance, told.result, told.row, voice), reasons)


def ruled_by(session: Session, run_id: int, pupil_id: int) -> "Told":
    """The run whose rule decided: of two stages the first, for a lock explains nothing.

    Raises:
        Gone: the run has no result, or this pupil was not in it.
    """
    return _ruling(session, _told(session, run_id, pupil_id), pupil_id)


def _ruling(session: Session, told: "Told", pupil_id: int) -> "Told":
    first = told.run.proof.get("first_run")
    return _told(session, first, pupil_id) if first else told


@dataclass(frozen=True, slots=True)
class Told:
    """What a run says of one pupil: of two stages, the first one holds the reasons."""

    run: Run
    row: int
    explainer: Explainer
    choices: list[int]

    @property
    def instance(self) -> Instance:
        """What the run was given."""
        return self.explainer.case.instance

    @property
    def result(self) -> Result:
        """What the run found."""
        return self.explainer.case.result

    @property
    def place(self) -> int | None:
        """The offer-week given, if any."""
        given = int(self.result.choice[self.row])
        return self.choices[given] if given >= 0 else None

    def reasons(self, voice: Voice, *, exact: bool) -> dict[int, Why | None]:
        """The rule's words on each place she could have had, by offer-week."""
        told = {one.choice: one for one in self.explainer.reasons(self.row, voice, exact=exact)}
        arcs = self.instance.wish[self.row]
        found: dict[int, Why | None] = {}
        for choice in arcs[arcs >= 0].tolist():
            place = self.choices[choice]  # twice where seats are kept for her school
            found[place] = found.get(place) or told.get(choice)
        return found


def _told(session: Session, run_id: int, pupil_id: int) -> Told:
    run = session.scalar(run_with_arrays(run_id))
    row = session.scalar(run_pupil(run_id, pupil_id))
    if run is None or row is None or run.result is None or run.state is not RunState.DONE:
        raise Gone("Ce calcul n’a rien à dire de cet élève.")
    choices = list(session.scalars(places_of_run(run_id)))
    return Told(run, row.row, _explainer(run.instance, run.result, run.policy), choices)


@lru_cache(maxsize=4)
def _explainer(instance: bytes, result: bytes, policy: str) -> Explainer:
    """What the explanations of a run share, computed once: its bytes never change."""
    return Explainer(Instance.from_npz(instance), policy_named(policy), Result.from_npz(result))


def _reason(
    wish: Wish,
    place: int | None,
    own: dict[int, Why | None],
    words: dict[str, str],
    *,
    prices: bool,
) -> Reason:
    """What happened to a wish: the rule's own words, for the first of its weeks that has some."""
    rank, title, host = wish.rank, wish.offer.title, wish.offer.host_names
    weeks = [offered.id for offered in wish.offer.weeks]
    if place in weeks:
        return Reason(rank, title, words["given"], granted=True, host=host)
    if not any(week in own for week in weeks):
        return Reason(rank, title, words["closed"], granted=False, host=host)
    found = [told for week in weeks if (told := own.get(week))]
    if not found:
        return Reason(rank, title, words["later"], granted=False, host=host)
    price = _cheapest(found) if prices else ()
    return Reason(rank, title, found[0].sentence, granted=False, host=host, price=price)


def _cheapest(found: list[Why]) -> tuple[str, ...]:
    """The least price among the weeks of a wish; « non calculé » as long as one is not known."""
    if any(told.pricing == "not computed" for told in found):
        return NOT_COMPUTED
    known = [(told.price, told.price_sentences) for told in found if told.price is not None]
    if known:
        return min(known)[1]
    return found[0].price_sentences


def _summary(instance: Instance, result: Result, row: int, voice: Voice) -> str:
    words = WORDS[voice]
    column = int(instance.column_of(result.choice)[row])
    if column < 0:
        return words["none"]
    if instance.completion[row, column]:
        return words["completion"]
    rank = int(instance.rank[row, column])
    return words["first"] if rank == 1 else words["wish"].format(rank=rank)
