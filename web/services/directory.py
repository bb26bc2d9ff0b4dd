"""The directory of schools: put in, and brought up to date, from the ministry's open data."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from models import Label, School, SchoolLabel, Territory, schools_by_uai, territory_of
from web.services.journal import record

UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
DEFAULT_LIMIT_KM = 15
LIMITS_KM = {"Nantes": 10, "Saint-Herblain": 10, "Châteaubriant": 25, "Guémené-Penfao": 25}
"""How far a place may be by default; each head changes it for her school."""


@dataclass(frozen=True, slots=True)
class Departement:
    """Where schools are, and the calendar they live by."""

    code: str
    name: str
    academie: str
    holiday_zone: str


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """A school as the open data tell it; `labels` by the year in which a school year starts."""

    uai: str
    name: str
    address: str
    postcode: str
    commune: str
    lat: float | None
    lon: float | None
    labels: dict[int, Label] = field(default_factory=dict)


@dataclass
class Imported:
    """What an import did; `refused` holds a French sentence per row that was left out."""

    added: int = 0
    changed: int = 0
    same: int = 0
    refused: list[str] = field(default_factory=list)


def uai_is_valid(uai: str) -> bool:
    """Seven digits, then the letter that follows from them."""
    number, letter = uai[:7], uai[7:]
    known = len(number) == 7 and number.isascii() and number.isdigit()
    return known and letter == UAI_LETTERS[int(number) % len(UAI_LETTERS)]


def import_schools(
    session: Session, departement: Departement, rows: Iterable[SchoolRow], *, now: datetime
) -> Imported:
    """Put the schools of a departement in the directory; importing again changes nothing.

    A school keeps what its head chose. A bad row is reported and left out, the others go in.
    """
    territory = _territory(session, departement)
    known = {school.uai: school for school in session.scalars(schools_by_uai())}
    done = Imported()
    for row in rows:
        if not uai_is_valid(row.uai):
            done.refused.append(f"{row.uai or '(vide)'}, {row.name} : ce code UAI n’existe pas.")
        elif row.lat is None or row.lon is None:
            done.refused.append(f"{row.uai}, {row.name} : commune inconnue, « {row.commune} ».")
        elif row.uai not in known:
            known[row.uai] = _added(session, territory, row)
            done.added += 1
        elif _updated(known[row.uai], row):
            done.changed += 1
        else:
            done.same += 1
    session.flush()
    counts = {"added": done.added, "changed": done.changed, "refused": len(done.refused)}
    record(session, "schools.imported", f"territory:{territory.id}", by=None, now=now, **counts)
    session.commit()
    return done


def _territory(session: Session, departement: Departement) -> Territory:
    found = session.scalar(territory_of(departement.code))
    if found is None:
        found = Territory(
            departement=departement.code,
            name=departement.name,
            academie=departement.academie,
            holiday_zone=departement.holiday_zone,
        )
        session.add(found)
    return found


def _added(session: Session, territory: Territory, row: SchoolRow) -> School:
    limit = LIMITS_KM.get(row.commune, DEFAULT_LIMIT_KM)
    school = School(territory=territory, uai=row.uai, limit_km=limit, **_facts(row))
    school.labels = [SchoolLabel(school_year=y, label=v) for y, v in sorted(row.labels.items())]
    session.add(school)
    return school


def _facts(row: SchoolRow) -> dict[str, object]:
    names = ("name", "address", "postcode", "commune", "lat", "lon")
    return {name: getattr(row, name) for name in names}


def _updated(school: School, row: SchoolRow) -> bool:
    """Bring a known school up to date; True if something was new."""
    changed = False
    for name, value in _facts(row).items():
        if getattr(school, name) != value:
            setattr(school, name, value)
            changed = True
    known = {dated.school_year: dated for dated in school.labels}
    for year, label in row.labels.items():
        if year not in known:
            school.labels.append(SchoolLabel(school_year=year, label=label))
            changed = True
        elif known[year].label is not label:
            known[year].label = label
            changed = True
    return changed
