"""French sentences of the explanations, in two voices: to the pupil, or about the pupil."""

from dataclasses import dataclass
from typing import Literal

from matching.policy import COMPLETION_LEVEL, Criterion, Policy

Voice = Literal["tu", "vous"]


@dataclass(frozen=True)
class Speech:
    """The words that change with the voice."""

    give: str
    school: str
    like: str
    yours: str


VOICES: dict[Voice, Speech] = {
    "tu": Speech("Te la donner", "ton collège", "toi", "ta place"),
    "vous": Speech("La donner à cet élève", "son collège", "cet élève", "sa place"),
}
TIERS = ("de collèges REP+", "de collèges REP", "de collèges proches d’un QPV", "d’autres collèges")
PUPILS = ("REP+", "REP", "de collèges proches d’un QPV", "d’autres collèges")


NOT_COMPUTED = ("non calculé",)
IMPOSSIBLE = ("impossible avec les places et les décisions de ce calcul",)
IN_TURN = ("sans objet : avec cette règle, chacun passe à son tour",)
NOTHING = ("rien : une autre solution aussi bonne l’aurait donné",)


def locked(speech: Speech) -> str:
    """A decision holds the pupil."""
    return f"L’équipe du programme a décidé de {speech.yours} avant le calcul."


FIXED = {
    "banned": "L’équipe du programme a écarté cette place, et en a noté le motif.",
    "closed": "Cette offre n’accueille personne cette semaine-là.",
    "pathway": "Ce parcours passe par une demi-journée déjà complète.",
    "pool": "Toutes les places de cette offre, semaines réunies, sont prises.",
    "open": "Une place y restait, mais la prendre aurait défait un groupe ou un parcours.",
    "reserve": "Des places de cette offre sont gardées pour les collèges REP+ et REP.",
}


def group_shut(minimum: int) -> str:
    """A group that did not open."""
    return f"C’est un groupe de {minimum} élèves au moins. Il ne s’est pas rempli : il n’ouvre pas."


def school_maximum(speech: Speech) -> str:
    """The limit of pupils of one school is reached."""
    return f"Cette offre limite le nombre d’élèves d’un même collège, et {speech.school} l’atteint."


def full(count: int | None) -> str:
    """All seats are taken; the count is told only where it is large enough."""
    if count is None:
        return "Toutes les places sont allées à d’autres élèves."
    return f"Les {count} places sont allées à d’autres élèves."


def full_of_priority(count: int) -> str:
    """All seats are taken by higher tiers."""
    return f"Les {count} places sont allées à des élèves de collèges qui passent avant."


def full_of_equals(count: int, speech: Speech) -> str:
    """All seats are taken by pupils of the same tier with a better draw."""
    return (
        f"Les {count} places sont allées à des élèves qui passent au même rang que {speech.like}, "
        "mieux placés au tirage au sort."
    )


def consequence(criterion: Criterion, speech: Speech, name_tier: bool) -> str:
    """What granting the wish would have cost, by its first criterion, without any count."""
    tier = criterion.tier if name_tier else None
    others = "d’autres élèves" if tier is None else f"des élèves {TIERS[tier]}"
    give, level = speech.give, criterion.level
    match criterion.kind:
        case "unplaced":
            return f"{give} aurait laissé {others} sans stage."
        case "draw":
            return f"{give} aurait pris le stage d’élèves mieux placés au tirage au sort."
        case "moves":
            return f"{give} aurait fait changer de place d’autres élèves, qui en avaient déjà une."
        case "ranks":
            return f"{give} aurait fait descendre {others} dans leur liste."
        case "beyond":
            return f"{give} aurait privé {others} {_first_wishes(level)}."
        case "at_or_after":
            return f"{give} aurait fait descendre {others} {_down_to(level)}."
        case "distance":
            return f"{give} aurait envoyé d’autres élèves plus loin, à rangs égaux."
        case _:
            return "À égalité parfaite, un tirage au sort publié a choisi."


def _first_wishes(level: int) -> str:
    return "de leur premier vœu" if level == 1 else f"de leurs {level} premiers vœux"


def _one_of_first(level: int) -> str:
    return "leur premier vœu" if level == 1 else f"un de leurs {level} premiers vœux"


def _down_to(level: int) -> str:
    if level >= COMPLETION_LEVEL:
        return "à une place hors de leur liste"
    return f"au vœu {level} ou plus loin"


def price_sentences(policy: Policy, price: tuple[int, ...]) -> tuple[str, ...]:
    """The exact price of a wish, criterion by criterion: for animators, never for families.

    The last draw is named only where nothing else changes.
    """
    changed = [(c, value) for c, value in zip(policy.criteria, price, strict=True) if value]
    said = tuple(_change(c, value) for c, value in changed if c.kind != "pair")
    if said:
        return said
    return ("tirage de départage seulement",) if changed else NOTHING


def _change(criterion: Criterion, value: int) -> str:
    count = abs(value)
    more = "de plus" if value > 0 else "de moins"
    whose = "" if criterion.tier is None else f" {PUPILS[criterion.tier]}"
    pupils = f"{count} élève{'s' if count > 1 else ''}{whose} {more}"
    match criterion.kind:
        case "unplaced":
            return f"{pupils} sans stage"
        case "moves":
            return f"{pupils} à changer de place"
        case "draw":
            sense = "moins bien" if value > 0 else "mieux"
            return f"ordre du tirage{whose} {sense} suivi (écart {count})"
        case "ranks":
            sense, s = ("perdu" if value > 0 else "gagné"), ("s" if count > 1 else "")
            return f"{count} rang{s} {sense}{s}{_by(whose)}"
        case "beyond":
            return f"{pupils} sans {_one_of_first(criterion.level)}"
        case "at_or_after":
            return f"{pupils} {_down_to(criterion.level)}"
        case _:
            return f"{count / 10:.1f} km {more} au total".replace(".", ",")


def _by(whose: str) -> str:
    return f" par des élèves{whose}" if whose else ""
