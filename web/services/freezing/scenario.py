"""What a simulation may change of the public rule, and how it is said."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from matching import POLICIES, ChoiceRow, PupilRow
from web.services.errors import Refused
from web.services.freezing.kept import Kept

RESERVES = range(101)
LIMITS_KM = range(1, 101)
SCHOOL_MAXIMA = range(1, 51)


def _within(value: int | None, allowed: range, name: str, unit: str, field: str) -> None:
    if value is not None and value not in allowed:
        raise Refused(f"{name} va de {allowed[0]} à {allowed[-1]} {unit}.", field)


@dataclass(frozen=True)
class Scenario:
    """What differs from the campaign; a scenario where nothing differs is the public rule.

    Each field left at its default keeps what hosts, families and schools have said.
    """

    policy: str | None = None
    reserve: int | None = None
    """Percentage of the seats of each offer and week kept for REP+ and REP schools."""
    limit_km: int | None = None
    """How far a place that nobody wished for may be, in place of the families' limits."""
    school_max: int | None = None
    """Pupils of one school at most at the same offer in the same week."""
    completion: bool = True
    """Whether pupils may be given places that they had not chosen."""
    decisions: bool = True
    """Whether the places kept and forbidden by animators hold."""

    def __post_init__(self) -> None:
        if self.policy is not None and self.policy not in POLICIES:
            raise Refused("Cette règle n’existe pas.", "policy")
        _within(self.reserve, RESERVES, "La part réservée", "%", "reserve")
        _within(self.limit_km, LIMITS_KM, "La distance", "km", "limit_km")
        _within(self.school_max, SCHOOL_MAXIMA, "La limite par collège", "élèves", "school_max")

    def against(self, policy: str) -> "Scenario":
        """The same scenario, without the policy if it is the campaign's own."""
        return replace(self, policy=None) if self.policy == policy else self

    @property
    def as_json(self) -> dict[str, Any]:
        """Only what differs."""
        mine = ((f.name, getattr(self, f.name), f.default) for f in fields(self))
        return {name: value for name, value, default in mine if value != default}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Scenario":
        """Read what `as_json` wrote."""
        return cls(**stored)

    @property
    def sentences(self) -> list[str]:
        """What differs from the public rule, for its readers."""
        said = []
        if self.policy is not None:
            said.append(f"Autre règle : {POLICIES[self.policy].name.lower()}.")
        if self.reserve is not None:
            said.append(
                f"Places réservées aux collèges REP+ et REP : {self.reserve} % de chaque offre."
                if self.reserve
                else "Aucune place réservée."
            )
        if self.school_max is not None:
            said.append(f"Élèves d’un même collège à une même offre : {self.school_max} au plus.")
        if not self.completion:
            said.append("Seulement des vœux : aucune autre place acceptée.")
        elif self.limit_km is not None:
            said.append(f"Autres places acceptées jusqu’à {self.limit_km} km pour tous.")
        if not self.decisions:
            said.append("Sans les décisions prises en relecture.")
        return said

    def seats(self, rows: Iterable[ChoiceRow], kept: Kept) -> list[ChoiceRow]:
        """The seats under this scenario; the places that earlier rounds gave always fit."""
        return [self._seats(row, kept) for row in rows]

    def _seats(self, row: ChoiceRow, kept: Kept) -> ChoiceRow:
        reserve, most = row.reserve, row.school_max
        if self.reserve is not None:
            free = row.seats - kept.taken.get(row.key, 0)
            reserve = min(int(row.seats * self.reserve / 100 + 0.5), free)
        if self.school_max is not None:
            most = max(self.school_max, kept.schools.get(row.key, 0))
        return replace(row, reserve=reserve, school_max=most)

    def pupils(self, rows: Iterable[PupilRow]) -> list[PupilRow]:
        """The pupils under this scenario; a place kept by a decision stays possible."""
        if self.completion:
            return list(rows)
        return [
            replace(row, arcs=[a for a in row.arcs if not a.completion or a.choice == row.lock])
            for row in rows
        ]


PUBLIC = Scenario()
