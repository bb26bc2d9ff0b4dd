"""What families are promised about a result, and how each promise was checked: for pages."""

from dataclasses import dataclass
from typing import Literal

How = Literal["count", "proof", "search", "record", "bound"]

HOW_SENTENCES: dict[How, str] = {
    "count": "Contrôlé sur chaque élève et chaque place.",
    "proof": "Vérifié par preuve.",
    "search": "Vérifié par recherche.",
    "record": "Aucun échange ne fait mieux ; que toute la recherche ait été faite, le calcul le "
    "déclare et il est cru sur parole.",
    "bound": "Non prouvé : le temps a manqué, l’écart qui reste est noté avec le calcul.",
}


@dataclass(frozen=True)
class Promise:
    """A promise: its code, a title, the sentence for families, and how it is checked."""

    code: str
    title: str
    sentence: str
    checked: str


@dataclass(frozen=True)
class Finding:
    """How a promise was found to hold, and for how many pupils it was found that way."""

    promise: Promise
    how: How
    pupils: int
    bound: tuple[int, ...] = ()  # for "bound": what the first criterion not proved cannot beat

    @property
    def sentence(self) -> str:
        """How it was checked, in French."""
        return HOW_SENTENCES[self.how]


@dataclass(frozen=True)
class Report:
    """Every promise holds; `findings` say how each is known, in the order of their codes."""

    findings: tuple[Finding, ...]
    objective: tuple[int, ...]

    def how(self, code: str) -> tuple[How, ...]:
        """Return the ways in which a promise was checked, most pupils first."""
        mine = [f for f in self.findings if f.promise.code == code]
        return tuple(f.how for f in sorted(mine, key=lambda f: -f.pupils))

    @property
    def proved(self) -> bool:
        """True when nothing rests on a bound."""
        return all(f.how != "bound" for f in self.findings)


class VerificationError(ValueError):
    """A promise is broken; `promise` is its code (P1 to P5) and the message says which row."""

    def __init__(self, promise: str, message: str) -> None:
        super().__init__(f"{promise}: {message}")
        self.promise = promise


PROMISES = {
    p.code: p
    for p in (
        Promise(
            "P1",
            "Une place au plus, dans sa liste",
            "Personne n’a deux places, ni une place absente de sa liste.",
            "Chaque élève est relu : sa place figure parmi celles qu’il pouvait recevoir.",
        ),
        Promise(
            "P2",
            "Les limites sont tenues",
            "Les places, les groupes, les réserves, les maximums par collège et les décisions "
            "sont respectés.",
            "Les élèves de chaque place sont recomptés et comparés à chaque limite.",
        ),
        Promise(
            "P3",
            "Pas de place gâchée",
            "Aucun élève sans place n’avait demandé une place restée libre pour lui.",
            "Chaque vœu de chaque élève sans place est comparé aux places restées libres.",
        ),
        Promise(
            "P4",
            "Pas d’échange oublié",
            "Aucune suite d’échanges ne donnerait une place à un élève de plus, ou à un élève qui "
            "passe avant un autre dans la règle.",
            "Par la preuve de P5 quand elle existe, sinon en suivant toutes les suites d’échanges.",
        ),
        Promise(
            "P5",
            "Le meilleur résultat possible",
            "Aucune autre répartition ne fait mieux, dans l’ordre des critères de la règle.",
            "Les critères sont recalculés, puis comparés à une preuve faite de nombres entiers, "
            "ou à ce que le calcul déclare là où il y a des groupes ou des parcours : aucun "
            "échange n’y fait mieux, le reste est cru sur parole.",
        ),
    )
}
