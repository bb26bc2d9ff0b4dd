"""Fictional pupils of real collèges, in classes, with their guardians and their codes."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from zlib import crc32

from sqlalchemy.orm import Session

from models import Campaign, Guardian, Pupil, School, SchoolClass, Week
from web.demo.names import family_name, mail_name, person
from web.services.access import ALPHABET, CODE_LENGTH, code_digest

CLASSES = {
    "0440284V": 4,
    "0440286X": 4,
    "0440536U": 4,
    "0441613P": 4,
    "0440311Z": 4,
    "0441608J": 4,
    "0440348P": 4,
    "0441727N": 3,
    "0441616T": 3,
    "0440013A": 2,
    "0440023L": 3,
    "0440283U": 3,
    "0440055W": 3,
    "0440314C": 3,
}
"""Classes of 3e by UAI: the ten priority collèges, then four near a priority neighbourhood."""
PER_CLASS = range(18, 24)
PUPILS = 1000
"""About how many pupils that makes."""
FIRST_BIRTHDAY, BIRTHDAYS = date(2011, 11, 1), 420


@dataclass
class People:
    """What was made, and the codes that only the demo knows."""

    pupils: list[Pupil] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)
    """Code of each person, by digest."""


def add_people(
    session: Session,
    campaign: Campaign,
    schools: list[School],
    weeks: list[Week],
    rng: Random,
    share: float = 1,
) -> People:
    """Add classes, pupils and guardians to the collèges of the demo; `share` of its usual size."""
    people = People()
    chosen = {school.uai: school for school in schools}
    for number, (uai, count) in enumerate(CLASSES.items()):
        for rank in range(count):
            made = SchoolClass(
                campaign_id=campaign.id,
                school=chosen[uai],
                name=f"3e {'ABCDEF'[rank]}",
                teacher=" ".join(person(rng)),
                weeks=_weeks(weeks, number, rank),
            )
            session.add(made)
            _fill(session, made, max(2, round(rng.choice(PER_CLASS) * share)), people, rng)
    session.flush()
    return people


def _weeks(weeks: list[Week], school: int, rank: int) -> list[Week]:
    """Each school takes two or three weeks of its own; one class in two may use two of them."""
    first = (3 * school + rank) % len(weeks)
    both = rank % 2 == 0
    return [weeks[first], *([weeks[(first + 1) % len(weeks)]] if both else [])]


def _fill(session: Session, made: SchoolClass, size: int, people: People, rng: Random) -> None:
    seen: set[tuple[str, str]] = set()
    for _ in range(size):
        name = person(rng)
        while name in seen:
            name = person(rng)
        seen.add(name)
        pupil = Pupil(
            campaign_id=made.campaign_id,
            school=made.school,
            school_class=made,
            first_name=name[0],
            last_name=name[1],
            birth_date=FIRST_BIRTHDAY + timedelta(days=rng.randrange(BIRTHDAYS)),
            code_digest=_code(session, people, rng),
            guardians=_guardians(session, name[1], len(people.pupils), people, rng),
        )
        session.add(pupil)
        people.pupils.append(pupil)


def _guardians(
    session: Session, last_name: str, number: int, people: People, rng: Random
) -> list[Guardian]:
    """One guardian, or two with codes of their own; one family in eight gave no address."""
    names = [last_name] if rng.random() < 0.72 else [last_name, family_name(rng)]
    reachable = rng.random() < 0.88
    made = []
    for name in names:
        first, _ = person(rng)
        email = f"{mail_name(first, name)}.{number}@example.org" if reachable else None
        code = _code(session, people, rng)
        phone = None if email else _number(code)
        made.append(Guardian(name=f"{first} {name}", email=email, phone=phone, code_digest=code))
    return made


def _number(code: str) -> str | None:
    """A number kept for fiction: every second family without mail gave one, and gets SMS."""
    drawn = crc32(code.encode())
    return f"+3363998{drawn % 10_000:04d}" if drawn // 10_000 % 2 else None


def _code(session: Session, people: People, rng: Random) -> str:
    signs = "".join(rng.choice(ALPHABET) for _ in range(CODE_LENGTH))
    known = code_digest(session, signs)
    people.codes[known] = f"{signs[:4]}-{signs[4:7]}-{signs[7:]}"
    return known
