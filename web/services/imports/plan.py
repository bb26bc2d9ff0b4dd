"""What a list would do to a school: one line of the file, one outcome, one reason."""

import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from models import Guardian, Labelled, Pupil, SchoolClass
from web.services.imports.people import Aside, Contact, Faulty, Person, Reader, Shown, shown
from web.services.imports.table import Row
from web.services.imports.values import Unreadable, guardian_key, name_key, plain, read_class


class Outcome(Labelled):
    """What becomes of a line."""

    CREATED = "created", "Ajout"
    UPDATED = "updated", "Mise à jour"
    UNCHANGED = "unchanged", "Sans changement"
    IGNORED = "ignored", "Ignorée"
    REFUSED = "refused", "Refusée"


WRITTEN = (Outcome.CREATED, Outcome.UPDATED)


@dataclass(slots=True)
class Line:
    """A line, its outcome and why; `to_check` asks for a look; `problems` may be corrected."""

    number: int
    outcome: Outcome
    shown: Shown
    reasons: list[str] = field(default_factory=list)
    to_check: bool = False
    problems: dict[str, str] = field(default_factory=dict)
    person: Person | None = None
    pupil: Pupil | None = None

    @property
    def reason(self) -> str:
        """Everything to say about it."""
        return " ".join(self.reasons)

    def refuse(self, reason: str) -> None:
        """Leave it out, whatever was thought before."""
        self.outcome, self.reasons = Outcome.REFUSED, [reason]


@dataclass(frozen=True, slots=True)
class Plan:
    """Every line of a list, and what the head must know about the whole."""

    lines: Sequence[Line]
    new_classes: Sequence[str]
    absent: int
    """Pupils of the school that the list does not name: they stay."""

    @property
    def counts(self) -> Counter[Outcome]:
        """How many lines have each outcome."""
        return Counter(line.outcome for line in self.lines)

    @property
    def written(self) -> int:
        """How many pupils a confirmation would add or change."""
        return sum(self.counts[outcome] for outcome in WRITTEN)

    @property
    def digest(self) -> str:
        """Two plans of the same digest do the same."""
        said = [
            (line.number, line.outcome.value, str(line.shown), line.reason) for line in self.lines
        ]
        return hashlib.sha256(repr(said).encode()).hexdigest()

    def with_outcome(self, *outcomes: Outcome) -> list[Line]:
        """The lines of these outcomes, in the order of the file."""
        return [line for line in self.lines if line.outcome in outcomes]

    def to_look_at(self, fixed: Collection[str]) -> list[Line]:
        """Refused lines, then those to check, those changed or `fixed`, those left aside."""

        def rank(line: Line) -> int:
            if line.outcome is Outcome.REFUSED:
                return 0
            if line.to_check:
                return 1
            if line.outcome is Outcome.UPDATED or str(line.number) in fixed:
                return 2
            return 3 if line.outcome is Outcome.IGNORED else 4

        return sorted((line for line in self.lines if rank(line) < 4), key=rank)


@dataclass(frozen=True, slots=True)
class Known:
    """What the school holds already; `open`: classes may still change."""

    pupils: Sequence[Pupil]
    classes: Sequence[SchoolClass]
    open: bool

    @property
    def class_keys(self) -> dict[str, SchoolClass]:
        """The classes by the key under which their names are compared."""
        return {class_key(known.name): known for known in self.classes}


def class_key(name: str) -> str:
    """The key of a class that exists, whatever its name."""
    try:
        return read_class(name).key
    except Unreadable:
        return plain(name).replace(" ", "")


def make_plan(
    reader: Reader, rows: Sequence[Row], fixes: Mapping[str, Mapping[str, str]], known: Known
) -> Plan:
    """Read each line, then compare the pupils found with one another and with the school's."""
    lines = [_line(reader, row, fixes.get(str(row.number), {})) for row in rows]
    _meet_each_other(lines)
    compared = _Comparison(known)
    for line in lines:
        if line.person is not None and line.outcome is Outcome.CREATED:
            compared.settle(line, line.person)
    new = {
        line.person.school_class.key: line.person.school_class.name
        for line in lines
        if line.person is not None
        and line.outcome in WRITTEN
        and line.person.school_class.key not in compared.class_keys
    }
    met = {line.pupil.id for line in lines if line.pupil is not None}
    absent = sum(one.id not in met and one.left_at is None for one in known.pupils)
    return Plan(lines, sorted(new.values()), absent)


def _line(reader: Reader, row: Row, fixes: Mapping[str, str]) -> Line:
    found = reader.read(row, fixes)
    view = shown(reader.cells(row, fixes))
    if isinstance(found, Aside):
        return Line(row.number, Outcome.IGNORED, view, [found.reason])
    if isinstance(found, Faulty):
        return Line(row.number, Outcome.REFUSED, view, [found.reason], problems=found.problems)
    view = Shown(
        found.last_name,
        found.first_name,
        f"{found.birth_date:%d/%m/%Y}",
        found.school_class.name,
    )
    return Line(
        row.number,
        Outcome.CREATED,
        view,
        list(found.remarks),
        to_check=bool(found.remarks),
        person=found,
    )


def _meet_each_other(lines: Sequence[Line]) -> None:
    """Lines of one list about the same pupil: the first stays, and takes the others' guardians."""
    first: dict[object, Line] = {}
    numbers: dict[str, Line] = {}
    for line in lines:
        person = line.person
        if person is None:
            continue
        before = first.setdefault((person.name_key, person.birth_date), line)
        same_ine = numbers.setdefault(person.ine, line) if person.ine else line
        if before is not line and before.person is not None:
            _join(line, person, before, before.person)
        elif same_ine is not line:
            line.refuse(f"Même INE qu’à la ligne {same_ine.number}, mais un autre nom ou une date.")


def _join(line: Line, person: Person, before: Line, kept: Person) -> None:
    if person.ine and kept.ine and person.ine != kept.ine:
        line.refuse(f"Même nom et même date qu’à la ligne {before.number}, mais un autre INE.")
    elif person.school_class.key != kept.school_class.key:
        line.refuse(
            f"Même élève qu’à la ligne {before.number}, dans une autre classe "
            f"({kept.school_class.name})."
        )
    else:
        kept.contacts.extend(one for one in person.contacts if one not in kept.contacts)
        line.outcome, line.reasons = Outcome.IGNORED, [f"Déjà à la ligne {before.number}."]
        line.to_check = False


class _Comparison:
    """The pupils of a school, found by INE, or by name and birth date."""

    def __init__(self, known: Known) -> None:
        self.open = known.open
        self.class_keys = known.class_keys
        self.by_ine = {one.ine_digest: one for one in known.pupils if one.ine_digest}
        self.by_key = {(_key(one), one.birth_date): one for one in known.pupils}
        self.births: dict[str, set[str]] = {}
        for one in known.pupils:
            self.births.setdefault(_key(one), set()).add(f"{one.birth_date:%d/%m/%Y}")

    def settle(self, line: Line, person: Person) -> None:
        """Say what becomes of a pupil of the list."""
        named = self.by_key.get((person.name_key, person.birth_date))
        numbered = self.by_ine.get(person.ine) if person.ine else None
        if numbered is not None and numbered.birth_date != person.birth_date:
            line.refuse(
                f"Même INE que {numbered.full_name}, mais une autre date de naissance "
                f"({numbered.birth_date:%d/%m/%Y}) : corrigez sa fiche, ou le fichier."
            )
        elif numbered is not None and named is not None and numbered is not named:
            line.refuse(f"L’INE est celui de {numbered.full_name}, le nom celui d’un autre élève.")
        elif named is not None and numbered is None and person.ine and named.ine_digest:
            line.refuse("Même nom et même date qu’un élève de votre collège, mais un autre INE.")
        elif (pupil := numbered or named) is not None:
            self._compare(line, person, pupil)
        else:
            self._namesakes(line, person)

    def _namesakes(self, line: Line, person: Person) -> None:
        births = self.births.setdefault(person.name_key, set())
        if births:
            line.to_check = True
            line.reasons.append(
                f"Même nom qu’un autre élève (naissance le {', '.join(sorted(births))}) : "
                "nous ne les fusionnons pas."
            )
        births.add(f"{person.birth_date:%d/%m/%Y}")

    def _compare(self, line: Line, person: Person, pupil: Pupil) -> None:
        line.pupil = pupil
        if pupil.left_at is not None:
            line.refuse("D’après sa fiche, cet élève a quitté le collège.")
            return
        changes = self._changes(person, pupil)
        moved = class_key(pupil.school_class.name) != person.school_class.key
        if moved and not self.open:
            line.refuse("Les vœux sont clos : la classe ne change plus dans ce tour.")
            return
        if moved:
            changes.insert(0, f"Était en {pupil.school_class.name}. Ses vœux restent.")
        line.outcome = Outcome.UPDATED if changes else Outcome.UNCHANGED
        line.reasons = [*changes, *line.reasons]

    def _changes(self, person: Person, pupil: Pupil) -> list[str]:
        changes = []
        if person.name_key != _key(pupil):
            changes.append(f"S’appelait {pupil.full_name} : même INE, même date de naissance.")
        if person.ine and not pupil.ine_digest:
            changes.append("Empreinte de l’INE ajoutée.")
        for contact in person.contacts:
            guardian = own_guardian(pupil, contact)
            if guardian is None:
                changes.append(f"Responsable ajouté : {contact.name or contact.email}.")
            elif contact.email and not guardian.email:
                changes.append(f"Courriel ajouté pour {guardian.name}.")
        return changes


def own_guardian(pupil: Pupil, contact: Contact) -> Guardian | None:
    """The guardian of a pupil that a list means, if she has it already."""
    for guardian in pupil.guardians:
        same_mail = bool(contact.email) and guardian.email == contact.email
        if same_mail and not contact.name:
            return guardian
        if contact.name and guardian_key(guardian.name) == guardian_key(contact.name):
            return guardian
    return None


def _key(pupil: Pupil) -> str:
    return name_key(pupil.last_name, pupil.first_name)
