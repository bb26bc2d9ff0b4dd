"""From the line of a list to a pupil, or to the reasons why it is none."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from web.services.imports.columns import PARTS, Part
from web.services.imports.table import Row
from web.services.imports.values import (
    ClassName,
    Unreadable,
    level_of,
    name_key,
    plain,
    read_class,
    read_date,
    read_email,
    read_guardian,
    read_name,
    split_name,
)
from web.services.schools import AGES

T = TypeVar("T")

FIXABLE = ("last_name", "first_name", "birth_date", "class")
TOTAL = re.compile(r"(sous )?(total|totaux|effectif|nombre|nb)\b")


@dataclass(frozen=True, slots=True)
class Contact:
    """A guardian as a list tells it; at least one of the two is known."""

    name: str
    email: str | None


@dataclass(slots=True)
class Person:
    """A pupil of 3e as a list tells her."""

    last_name: str
    first_name: str
    birth_date: date
    school_class: ClassName
    ine: str = ""
    contacts: list[Contact] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def name_key(self) -> str:
        """Her name as it is compared."""
        return name_key(self.last_name, self.first_name)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows of a line, read or not."""

    last_name: str
    first_name: str
    birth_date: str
    school_class: str

    def __str__(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, slots=True)
class Aside:
    """A line that is not for us: no pupil, not a 3e, gone."""

    reason: str


@dataclass(frozen=True, slots=True)
class Faulty:
    """A line that cannot be read: a sentence by field that the head may correct in place."""

    problems: dict[str, str]

    @property
    def reason(self) -> str:
        """Everything that is wrong with it."""
        return " ".join(filter(None, self.problems.values()))


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading a line depends on; `mixed`: the list holds other levels than the 3e."""

    titles: Sequence[str]
    parts: Sequence[Part]
    season: int
    today: date
    known_classes: frozenset[str] = frozenset()
    mixed: bool = False

    def cells(self, row: Row, fixes: Mapping[str, str]) -> dict[Part, str]:
        """The useful cells of a line, corrections included."""
        found: dict[Part, str] = {}
        for part, cell in zip(self.parts, row.cells, strict=False):
            if part not in (Part.IGNORED, Part.SENSITIVE):
                found[part] = cell
        if found.get(Part.HOME_CLASS):
            found[Part.CLASS] = found[Part.HOME_CLASS]
        if Part.FULL_NAME in found:
            last, first = _split(found[Part.FULL_NAME])
            found[Part.LAST_NAME], found[Part.FIRST_NAME] = last, first
        if Part.FIRST_NAME in found:  # « Chloé, Anne »: the one she goes by
            found[Part.FIRST_NAME] = found[Part.FIRST_NAME].partition(",")[0]
        for name in FIXABLE:
            if name in fixes:
                found[PARTS[name]] = fixes[name]
        return found

    def level(self, row: Row) -> int | None:
        """The level that a line says, if it does."""
        cells = self.cells(row, {})
        return level_of(cells.get(Part.LEVEL, ""), cells.get(Part.CLASS, ""))

    def read(self, row: Row, fixes: Mapping[str, str]) -> Person | Aside | Faulty:
        """The pupil of a line, or why there is none."""
        cells = self.cells(row, fixes)
        return (
            self._no_pupil(row, cells)
            or self._gone(cells)
            or self._other_level(cells)
            or self._shifted(row)
            or self._person(cells)
        )

    def _no_pupil(self, row: Row, cells: Mapping[Part, str]) -> Aside | None:
        filled = row.filled
        pairs = zip(row.cells, self.titles, strict=False)
        if len(filled) > 1 and all(title.endswith(cell) for cell, title in pairs):
            return Aside("Titres répétés, pas un élève.")
        if TOTAL.match(plain(filled[0])) and not _is_day(cells.get(Part.BIRTH_DATE, "")):
            return Aside("Ligne de total, pas un élève.")
        if len(filled) == 1 and len(self.titles) > 1:
            return Aside("Une seule case remplie : ce n’est pas un élève.")
        return None

    def _gone(self, cells: Mapping[Part, str]) -> Aside | None:
        cell = cells.get(Part.EXIT_DATE, "")
        if not _is_day(cell):
            return None
        day = read_date(cell)
        return Aside(f"A quitté le collège le {day:%d/%m/%Y}.") if day <= self.today else None

    def _other_level(self, cells: Mapping[Part, str]) -> Aside | None:
        level = level_of(cells.get(Part.LEVEL, ""), cells.get(Part.CLASS, ""))
        return Aside("N’est pas en troisième.") if level not in (3, None) else None

    def _shifted(self, row: Row) -> Faulty | None:
        if any(row.cells[len(self.titles) :]):
            return Faulty({"": "Plus de cases que de titres : un séparateur est de trop."})
        return None

    def _person(self, cells: Mapping[Part, str]) -> Person | Faulty:
        problems: dict[str, str] = {}
        last = _try(problems, "last_name", lambda: read_name(cells.get(Part.LAST_NAME, ""), "nom"))
        first = _try(
            problems, "first_name", lambda: read_name(cells.get(Part.FIRST_NAME, ""), "prénom")
        )
        born = _try(problems, "birth_date", lambda: self._birth(cells.get(Part.BIRTH_DATE, "")))
        remarks: list[str] = []
        klass = _try(problems, "class", lambda: self._class(cells, remarks))
        if problems or last is None or first is None or born is None or klass is None:
            return Faulty(problems)
        contacts = _contacts(cells, remarks)
        return Person(last, first, born, klass, cells.get(Part.INE, ""), contacts, remarks)

    def _birth(self, cell: str) -> date:
        born = read_date(cell)
        if self.season - (born.year + (born.month >= 9)) not in AGES:
            raise Unreadable(
                f"Une naissance le {born:%d/%m/%Y} ne va pas avec une troisième : vérifiez l’année."
            )
        return born

    def _class(self, cells: Mapping[Part, str], remarks: list[str]) -> ClassName:
        text = cells.get(Part.CLASS, "")
        found = read_class(text)
        sure = level_of(cells.get(Part.LEVEL, ""), text) == 3 or found.key in self.known_classes
        if not sure and self.mixed:
            raise Unreadable(f"« {text} » ne dit pas son niveau : indiquez la classe de 3e.")
        if not sure:
            remarks.append(f"« {text} » ne dit pas son niveau : comptée comme une 3e.")
        return found


def shown(cells: Mapping[Part, str]) -> Shown:
    """What the page shows of a line that could not be read."""
    return Shown(
        cells.get(Part.LAST_NAME, ""),
        cells.get(Part.FIRST_NAME, ""),
        cells.get(Part.BIRTH_DATE, ""),
        cells.get(Part.CLASS, ""),
    )


def _split(cell: str) -> tuple[str, str]:
    try:
        return split_name(cell)
    except Unreadable:
        return cell, ""


def _is_day(cell: str) -> bool:
    try:
        read_date(cell)
    except Unreadable:
        return False
    return True


def _try(problems: dict[str, str], name: str, read: Callable[[], T]) -> T | None:
    try:
        return read()
    except Unreadable as why:
        problems[name] = str(why)
        return None


def _contacts(cells: Mapping[Part, str], remarks: list[str]) -> list[Contact]:
    found = []
    for rank in ("1", "2"):
        last = cells.get(PARTS[f"guardian{rank}"], "")
        first = cells.get(PARTS[f"guardian{rank}_first"], "")
        name = read_guardian(f"{first} {last}".strip())
        email = _email(cells.get(PARTS[f"guardian{rank}_email"], ""), remarks)
        if name[:1] in "=+-@0123456789" and name:
            remarks.append("Le nom d’un responsable est illisible : laissé de côté.")
            name = ""
        if name or email:
            found.append(Contact(name, email))
    return found


def _email(cell: str, remarks: list[str]) -> str | None:
    """The first address of a cell; a bad one costs the address, not the pupil."""
    words = [word for word in re.split(r"[;,<>\s]+", cell) if word]
    try:
        return read_email(next((word for word in words if "@" in word), cell))
    except Unreadable as why:
        remarks.append(f"{why} : laissée de côté.")
        return None
