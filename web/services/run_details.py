"""The figures of a run by school, class, sector and kind of host: computed once, kept with it."""

from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from matching import Figures, Instance, Measure, Places, Result, measure
from models import HostKind, Label, Run, Sector, classes_of_run, natures_of_choices
from web.services.figures import seats_by
from web.services.freeze import LABELS

Codes = NDArray[np.int64]
SECTORS, KINDS = list(Sector), list(HostKind)
DECIMALS = 3


@dataclass(frozen=True)
class Natures:
    """What an instance does not say of its rows: the class of each pupil, what each choice is."""

    classes: tuple[int, ...]
    sectors: tuple[Sector, ...]
    kinds: tuple[HostKind, ...]


@dataclass(frozen=True)
class RunDetails:
    """What each group obtained, and what became of each group of seats."""

    everyone: Figures
    labels: Mapping[Label, Figures]
    schools: Mapping[int, Figures]
    classes: Mapping[int, Figures]
    sectors: Mapping[Sector, Places]
    kinds: Mapping[HostKind, Places]
    places: Places

    @property
    def state_places(self) -> int:
        """Places given in services of the State."""
        state = self.kinds.get(HostKind.STATE)
        return state.taken if state else 0


def natures_of(session: Session, run_id: int) -> Natures:
    """The class, the sector and the kind of host behind the rows of a run, in two queries."""
    choices = session.execute(natures_of_choices(run_id)).all()
    return Natures(
        classes=tuple(klass for _, klass in session.execute(classes_of_run(run_id))),
        sectors=tuple(sector for _, sector, _ in choices),
        kinds=tuple(kind for _, _, kind in choices),
    )


def run_details(instance: Instance, result: Result, natures: Natures) -> dict[str, Any]:
    """Figures of a result as they are stored with its run; `details_of` reads them back."""
    sector = _codes(SECTORS.index(one) for one in natures.sectors)
    kind = _codes(KINDS.index(one) for one in natures.kinds)
    found = measure(instance, result, sector=sector, host_kind=kind, group=_codes(natures.classes))
    tiers = {LABELS[t].value: found.tiers[t] for t in LABELS if found.tiers[t].pupils}
    whole = np.zeros(instance.m, np.int64)
    return {
        "everyone": _figures(found.everyone),
        "labels": {code: _figures(one) for code, one in tiers.items()},
        "schools": {str(key): _figures(one) for key, one in found.schools.items()},
        "classes": {str(key): _figures(one) for key, one in found.groups.items()},
        "sectors": _places(instance, sector, found.sectors, [s.value for s in SECTORS]),
        "kinds": _places(instance, kind, found.host_kinds, [k.value for k in KINDS]),
        "places": _all_places(instance, whole, found),
    }


def details_of(run: Run) -> RunDetails | None:
    """The details stored with a run; None while it has none, or if it is older than they are."""
    stored = run.details
    if not stored:
        return None
    return RunDetails(
        everyone=_read(stored["everyone"]),
        labels={
            label: _read(stored["labels"][label.value])
            for label in Label
            if label.value in stored["labels"]
        },
        schools={int(key): _read(row) for key, row in stored["schools"].items()},
        classes={int(key): _read(row) for key, row in stored["classes"].items()},
        sectors={
            s: Places(*stored["sectors"][s.value]) for s in SECTORS if s.value in stored["sectors"]
        },
        kinds={k: Places(*stored["kinds"][k.value]) for k in KINDS if k.value in stored["kinds"]},
        places=Places(*stored["places"]),
    )


def _codes(values: Iterable[int]) -> Codes:
    return np.array(list(values), np.int64)


def _read(row: list[Any]) -> Figures:
    pupils, placed, bands, *others = row
    return Figures(pupils, placed, tuple(bands), *others)


def _figures(one: Figures) -> list[Any]:
    return [round(v, DECIMALS) if isinstance(v, float) else v for v in astuple(one)]


def _places(
    instance: Instance, code: Codes, found: Mapping[int, Places], names: list[str]
) -> dict[str, list[int]]:
    """Seats by code, an offer with a common limit counted for no more than it."""
    seats = seats_by(instance, code)
    return {
        names[key]: [seats[key], one.taken, one.first_wishes, one.priority]
        for key, one in found.items()
    }


def _all_places(instance: Instance, whole: Codes, found: Measure) -> list[int]:
    one = found.places
    return [seats_by(instance, whole).get(0, 0), one.taken, one.first_wishes, one.priority]
