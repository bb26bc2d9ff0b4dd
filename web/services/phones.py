"""Mobile numbers for SMS: given with consent, kept in one form, taken back at any time."""

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from models import Guardian, Pupil, pupil_file
from web.services.errors import Refused
from web.services.journal import record

PREFIXES = {
    **dict.fromkeys(("690", "691"), "+590"),
    **dict.fromkeys(("639", "692", "693"), "+262"),
    "694": "+594",
    **dict.fromkeys(("696", "697"), "+596"),
}
"""French mobiles overseas: what is dialled 0692 from there is +262 692."""

FICTION = "63998"
"""The mobiles that France keeps for films: none rings."""

OTHERS = tuple(sorted(set(PREFIXES.values())))

_FRENCH = re.compile(r"(?:\+33|0033|0)0?([67]\d{8})")
_OVERSEAS = re.compile(r"(?:\+|00)(262|590|594|596)0?(6\d{8})")
_NOISE = re.compile(r"[\s.()/\u202f\u00a0\u2011-]")


def mobile_number(typed: str) -> str | None:
    """A French mobile number as it is stored, +33612345678; None if it is not one."""
    bare = _NOISE.sub("", typed)
    if not bare.isascii():
        return None
    if found := _OVERSEAS.fullmatch(bare):
        return f"+{found[1]}{found[2]}" if PREFIXES.get(found[2][:3]) == f"+{found[1]}" else None
    if found := _FRENCH.fullmatch(bare):
        overseas = None if found[1].startswith(FICTION) else PREFIXES.get(found[1][:3])
        return (overseas or "+33") + found[1]
    return None


def read_number(number: str | None) -> str:
    """A stored number as people write it: 06 12 34 56 78; nothing for none."""
    if not number:
        return ""
    national = "0" + number[4 if number.startswith(OTHERS) else 3 :]
    return " ".join(re.findall("..", national))


def keep_phone(
    session: Session,
    holder: Pupil | Guardian,
    number: str | None,
    *,
    agreed: bool,
    by: int,
    now: datetime,
) -> None:
    """Keep the mobile number that a pupil or a guardian gives, or erase it; twice is once.

    The journal says that it was done and by whom, never the number.

    Raises:
        Refused: a number without consent.
    """
    _change(session, holder, number, agreed, by, now)
    session.commit()


def keep_phones(
    session: Session,
    school_id: int,
    pupil_id: int,
    numbers: Mapping[int | None, str | None],
    *,
    agreed: bool,
    by: int,
    now: datetime,
) -> None:
    """The school keeps the numbers of a pupil (None) and of her guardians (by id).

    Raises:
        Refused: a new number without the consent of its owner.
    """
    pupil = session.scalars(pupil_file(pupil_id, school_id)).one()
    if None in numbers:
        _change(session, pupil, numbers[None], agreed, by, now)
    for guardian in pupil.guardians:
        if guardian.id in numbers:
            _change(session, guardian, numbers[guardian.id], agreed, by, now)
    session.commit()


def _change(
    session: Session,
    holder: Pupil | Guardian,
    number: str | None,
    agreed: bool,
    by: int,
    now: datetime,
) -> None:
    if (number or None) == holder.phone:
        return
    if number and not agreed:
        raise Refused("Cochez l’accord pour que ce numéro soit gardé.", "agreed")
    holder.phone = number or None
    act = "kept" if number else "erased"
    who = "pupil" if isinstance(holder, Pupil) else "guardian"
    record(session, f"phone.{act}", f"{who}:{holder.id}", by=by, now=now)
