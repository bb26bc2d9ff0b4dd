"""Communes of France, found offline by postcode or name in a file shipped with the service."""

import csv
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

COMMUNES = Path(__file__).parent.parent / "data" / "communes_france.csv"

_CEDEX = re.compile(r"\bcedex\b.*")
_SAINTS = {"st": "saint", "ste": "sainte", "sts": "saints"}


class Commune(NamedTuple):
    """A commune (or an arrondissement of Paris, Lyon, Marseille) and its centre, in degrees."""

    insee: str
    name: str
    postcodes: tuple[str, ...]
    lat: float
    lon: float
    departement: str


def find(postcode: str, name: str | None = None) -> list[Commune]:
    """Return the communes of a postcode, by name; `name` keeps those that it may mean.

    A CEDEX postcode belongs to no commune: its departement is then searched by name.
    Without postcode, the whole country is searched by name.
    """
    code = "".join(postcode.split())
    known = _by_postcode().get(code, ())
    if not name or not name.strip():
        return list(known)
    return _named(known, name) or _named(_around(code), name)


def communes_of(departement: str) -> list[Commune]:
    """Return the communes of a departement ("44", "2A", "974"), by name."""
    found = [commune for commune in _communes() if commune.departement == departement]
    return sorted(found, key=lambda commune: normalised(commune.name))


def commune_named(typed: str, departement: str) -> Commune | None:
    """The commune that a family means: a postcode, or a name of its own departement."""
    if typed.isdecimal():
        return next(iter(find(typed)), None)
    return next(iter(_named(communes_of(departement), typed)), None)


def normalised(name: str) -> str:
    """The name of a commune as it is compared: « ST-HERBLAIN CEDEX 2 » is « saint herblain »."""
    plain = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "oe"))
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign)).lower()
    words = re.findall(r"[a-z0-9]+", _CEDEX.sub("", letters))
    return " ".join(_SAINTS.get(word, word) for word in words)


def _named(communes: Iterable[Commune], name: str) -> list[Commune]:
    """The communes of exactly this name, else those whose name begins with it."""
    wanted = normalised(name)
    if not wanted:
        return []
    names = [(normalised(commune.name), commune) for commune in communes]
    same = [commune for known, commune in names if known == wanted]
    return same or [commune for known, commune in names if known.startswith(wanted)]


def _around(code: str) -> list[Commune]:
    """The communes whose departement this postcode names; all of them without postcode."""
    if not code:
        return list(_communes())
    start = code[:3] if code.startswith("97") else code[:2]
    return [c for c in _communes() if any(p.startswith(start) for p in c.postcodes)]


@lru_cache(maxsize=1)
def _by_postcode() -> dict[str, tuple[Commune, ...]]:
    found: dict[str, list[Commune]] = {}
    for commune in _communes():
        for postcode in commune.postcodes:
            found.setdefault(postcode, []).append(commune)
    return {code: tuple(sorted(cs, key=lambda c: c.name)) for code, cs in found.items()}


@lru_cache(maxsize=1)
def _communes() -> tuple[Commune, ...]:
    """Read the file once; the few communes without position are left out."""
    with COMMUNES.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return tuple(
            Commune(insee, name, tuple(codes.split("|")), float(lat), float(lon), departement)
            for insee, name, codes, lat, lon, _population, departement in rows
            if lat and codes
        )
