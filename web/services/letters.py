"""Access letters: new codes for the people of a class who have none, to print at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models import Guardian, Pupil, class_of_school, last_event, pupils_to_write_to
from web.services.access import code_digest, digest, drawn_code
from web.services.accounts import forget_password
from web.services.errors import Refused
from web.services.journal import record
from web.services.spelling import in_order

ISSUED = "letters.issued"
AGAIN = timedelta(minutes=15)
"""How long the page that printed letters may print the same ones again."""


@dataclass(frozen=True, slots=True)
class Printing:
    """What a page asks for: its key, new codes for everyone or for who lacks one, the document."""

    key: str
    everyone: bool
    paper: Callable[[list["AccessLetter"]], bytes]


@dataclass(frozen=True, slots=True)
class Part:
    """A tear-off part: who it is for, and the code; none when an older code still serves."""

    name: str
    code: str | None


@dataclass(frozen=True, slots=True)
class AccessLetter:
    """The letter of one family: the pupil's part, and one per guardian."""

    pupil: Pupil
    own: Part
    guardians: list[Part] = field(default_factory=list)


def without_code(pupils: Iterable[Pupil]) -> list[Pupil]:
    """The pupils for whom somebody has no code: they get a letter by default."""
    return [pupil for pupil in pupils if not _all_have_codes(pupil)]


def issue_letters(
    session: Session,
    school_id: int,
    class_id: int,
    asked: Printing,
    *,
    by: int,
    now: datetime,
) -> bytes:
    """Give codes to the people of a class and return their letters: codes are known only here.

    The document is made before the codes are kept: without one to hand over nobody would know
    them, and the class would look served.

    By default only who has no code gets one; with `everyone` all codes are new and the old ones
    die. The same `key` sent again soon (a double click, a lost file) gives the same letters.

    Raises:
        Refused: nobody in the class lacks a code, or each has had a newer one since.
    """
    found = session.scalars(class_of_school(class_id, school_id).with_for_update()).one()
    pupils = sorted(
        session.scalars(pupils_to_write_to(found.id)),
        key=lambda one: in_order(one.last_name, one.first_name),
    )
    draw = digest(session, f"letters:{class_id}:{asked.key}")
    already = _already(session, class_id, draw, by, now)
    if already is not None:
        again = _again(session, pupils, asked.key, already)
        if not again:
            raise Refused("Chaque personne de cette classe a reçu depuis un code plus récent.")
        return asked.paper(again)
    wanted = list(pupils) if asked.everyone else without_code(pupils)
    if not wanted:
        raise Refused("Chaque personne de cette classe a déjà un code.", "everyone")
    drawn: set[str] = set()
    letters = [_letter(session, pupil, asked.key, asked.everyone, drawn) for pupil in wanted]
    details = {"draw": draw, "pupils": [pupil.id for pupil in wanted], "codes": sorted(drawn)}
    record(session, ISSUED, f"class:{class_id}", by=by, now=now, **details)
    made = asked.paper(letters)
    session.commit()
    return made


def _all_have_codes(pupil: Pupil) -> bool:
    return bool(pupil.code_digest) and all(g.code_digest for g in pupil.guardians)


def _people(pupil: Pupil) -> list[Pupil | Guardian]:
    return [pupil, *pupil.guardians]


def _already(session: Session, class_id: int, draw: str, by: int, now: datetime) -> set[str] | None:
    """The people to whom this very page gave codes a moment ago."""
    event = session.scalar(last_event(f"class:{class_id}", ISSUED))
    if event is None or event.details["draw"] != draw or event.actor_id != by:
        return None
    return set(event.details["codes"]) if now - event.at < AGAIN else None


def _again(
    session: Session, pupils: Iterable[Pupil], key: str, drawn: set[str]
) -> list[AccessLetter]:
    """The same letters, as long as nobody has had a newer code meanwhile."""
    letters = []
    for pupil in pupils:
        people = [_known(session, person, key, drawn) for person in _people(pupil)]
        if any(part.code for part in people):
            letters.append(AccessLetter(pupil, people[0], people[1:]))
    return letters


def _letter(
    session: Session, pupil: Pupil, key: str, everyone: bool, drawn: set[str]
) -> AccessLetter:
    for person in _people(pupil):
        if everyone or not person.code_digest:
            code = drawn_code(session, _seed(person, key))
            forget_password(session, person)
            person.code_digest = code_digest(session, code)
            drawn.add(_mark(person))
    parts = [_known(session, person, key, drawn) for person in _people(pupil)]
    return AccessLetter(pupil, parts[0], parts[1:])


def _known(session: Session, person: Pupil | Guardian, key: str, drawn: set[str]) -> Part:
    """The part of a person: with the code if this page drew it and it still serves."""
    name = person.full_name if isinstance(person, Pupil) else person.name
    if _mark(person) not in drawn:
        return Part(name, None)
    code = drawn_code(session, _seed(person, key))
    return Part(name, code if person.code_digest == code_digest(session, code) else None)


def _seed(person: Pupil | Guardian, key: str) -> str:
    return f"{key}:{_mark(person)}"


def _mark(person: Pupil | Guardian) -> str:
    return f"{'pupil' if isinstance(person, Pupil) else 'guardian'}:{person.id}"
