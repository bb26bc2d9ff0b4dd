"""The collèges of Loire-Atlantique, read from the open data shipped with the service."""

import csv
from collections.abc import Iterator
from pathlib import Path

from models import Label
from web.adapters.places import find
from web.services.directory import Departement, SchoolRow

DATA = Path(__file__).parent.parent / "data"
ALL, PRIORITY = DATA / "colleges44_tous.csv", DATA / "colleges44_ep.csv"
LOIRE_ATLANTIQUE = Departement("44", "Loire-Atlantique", "Nantes", "B")

LABELS = {"REP+": Label.REP_PLUS, "REP": Label.REP}
KNOWN_YEARS = (2019, 2022, 2025)
CARRIED_TO = 2026
"""No list is published for this year yet: the label of the last known one is carried over."""

RENAMED = {"Saint-Mars-la-Jaille": "Vallons-de-l'Erdre", "Loireauxance": "Loireauxence"}
"""Communes that the directory still calls by an old or misspelt name."""

Row = dict[str, str]


def schools_of_loire_atlantique(
    directory: Path = ALL, priority: Path = PRIORITY
) -> Iterator[SchoolRow]:
    """Yield every collège of the directory, with its dated labels and its best known position.

    A school without a position of its own stands at the centre of its commune.
    """
    labelled = {row["uai"]: row for row in _rows(priority)}
    for row in _rows(directory):
        known = labelled.get(row["uai"])
        lat, lon = _position(row, known)
        yield SchoolRow(
            uai=row["uai"].strip().upper(),
            name=row["nom"],
            address=row["adresse"],
            postcode=row["code_postal"],
            commune=row["commune"],
            lat=lat,
            lon=lon,
            labels=_labels(known) if known else {},
        )


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _position(row: Row, known: Row | None) -> tuple[float | None, float | None]:
    if known is not None and known["lat"]:
        return float(known["lat"]), float(known["lon"])
    name = RENAMED.get(row["commune"], row["commune"])
    communes = find(row["code_postal"], name)
    return (communes[0].lat, communes[0].lon) if len(communes) == 1 else (None, None)


def _labels(known: Row) -> dict[int, Label]:
    found = {year: LABELS.get(known[f"label_{year}"], Label.NONE) for year in KNOWN_YEARS}
    return {**found, CARRIED_TO: found[KNOWN_YEARS[-1]]}
