"""What the team of a school does: register pupils, choose the weeks of its classes."""

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.orm import Session

from models import (
    Guardian,
    Membership,
    Pupil,
    RoundState,
    School,
    SchoolClass,
    Week,
    class_of_school,
    classes_of_school,
    guardian_of_school,
    guardians_of_school,
    memberships_of_guardian,
    memberships_of_pupils,
    places_ever_held,
    pupil_file,
    pupils_born_on,
    pupils_of_class,
    runs_holding,
    school_by_id,
    weeks_of,
)
from web.format import day
from web.services.access import code_digest, drawn_code, new_code
from web.services.accounts import forget_password
from web.services.calendar import holiday_reason
from web.services.errors import Refused
from web.services.journal import record
from web.services.seasons import needed_campaign

AGES = range(11, 19)
"""Ages on 1 September at which somebody may be in 3e: any other is a slip of the keyboard."""

OPEN = (RoundState.PLANNED, RoundState.WISHES_OPEN)
"""States of a round in which classes and weeks may still change."""


class AlreadyThere(Refused):
    """The school already has this pupil."""

    def __init__(self, pupil: Pupil) -> None:
        super().__init__(
            f"{pupil.full_name}, avec la même date de naissance, figure déjà dans votre collège.",
            field="last_name",
        )
        self.pupil_id = pupil.id


@dataclass(frozen=True, slots=True)
class GuardianEntry:
    """A legal guardian as the school types it; separated parents are two entries."""

    name: str
    email: str | None = None


@dataclass(frozen=True, slots=True)
class PupilEntry:
    """A pupil as the school types it; `new_class` when the class does not exist yet."""

    first_name: str
    last_name: str
    birth_date: date
    class_id: int | None = None
    new_class: str = ""
    guardians: Sequence[GuardianEntry] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """A code and who it is for. The code is known only here: it is shown once."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Registered:
    """What adding a pupil gives: the pupil, the letters to print, the guardians already known."""

    pupil: Pupil
    letters: list[Letter]
    known_guardians: list[str] = field(default_factory=list)


def add_pupil(
    session: Session, school_id: int, entry: PupilEntry, *, by: int, now: datetime
) -> Registered:
    """Register one pupil and her guardians, each with a code of their own.

    Raises:
        AlreadyThere: the school has a pupil of this name and birth date.
        Refused: the date does not suit a pupil of 3e, or the class is not one of the school's.
    """
    school = session.scalars(school_by_id(school_id)).one()
    campaign = needed_campaign(session, school.territory_id)
    _check_age(entry.birth_date, campaign.season)
    _check_new(session, school_id, campaign.id, entry)
    pupil = Pupil(
        campaign_id=campaign.id,
        school=school,
        school_class=_class_for(session, school, campaign.id, entry),
        first_name=entry.first_name,
        last_name=entry.last_name,
        birth_date=entry.birth_date,
    )
    session.add(pupil)
    letters = [_letter(session, pupil, pupil.full_name)]
    known = []
    for wanted in entry.guardians:
        guardian, fresh = _guardian(session, school_id, wanted)
        if guardian not in pupil.guardians:
            pupil.guardians.append(guardian)
        if fresh:
            letters.append(_letter(session, guardian, guardian.name))
        else:
            known.append(guardian.name)
    session.flush()
    record(session, "pupil.added", f"pupil:{pupil.id}", by=by, now=now)
    session.commit()
    return Registered(pupil, letters, known)


def correct_pupil(
    session: Session, school_id: int, pupil_id: int, entry: PupilEntry, *, by: int, now: datetime
) -> Pupil:
    """Correct the name, the birth date or the class of a pupil; her wishes stay.

    Raises:
        Refused: as for `add_pupil`, or the class would change after the wishes closed.
    """
    pupil = session.scalars(pupil_file(pupil_id, school_id)).one()
    school = session.scalars(school_by_id(school_id)).one()
    campaign = needed_campaign(session, school.territory_id)
    _check_age(entry.birth_date, campaign.season)
    _check_new(session, school_id, pupil.campaign_id, entry, apart=pupil.id)
    target = _class_for(session, school, pupil.campaign_id, entry)
    if target is not pupil.school_class and campaign.current_round.state not in OPEN:
        raise Refused("Les vœux sont clos : la classe ne change plus dans ce tour.", "class_id")
    pupil.first_name, pupil.last_name = entry.first_name, entry.last_name
    pupil.birth_date, pupil.school_class = entry.birth_date, target
    record(session, "pupil.corrected", f"pupil:{pupil.id}", by=by, now=now)
    session.commit()
    return pupil


def remove_pupil(
    session: Session, school_id: int, pupil_id: int, *, by: int, now: datetime
) -> None:
    """Take out a pupil who left the school, with her wishes.

    Raises:
        Refused: she holds or held a place, or a run was given her wishes.
    """
    pupil = session.scalars(pupil_file(pupil_id, school_id)).one()
    if session.scalar(places_ever_held(pupil.id)) or session.scalar(runs_holding(pupil.id)):
        raise Refused(
            "Un calcul a lu ses vœux, ou une place est attribuée : notez plutôt son départ."
        )
    close_accounts(session, session.scalars(memberships_of_pupils([pupil.id])).all())
    for guardian in list(pupil.guardians):
        pupil.guardians.remove(guardian)
        if guardian.pupils in ([], [pupil]):
            close_accounts(session, session.scalars(memberships_of_guardian(guardian.id)).all())
            session.delete(guardian)
    session.delete(pupil)
    record(session, "pupil.removed", f"pupil:{pupil_id}", by=by, now=now)
    session.commit()


def renew_code(
    session: Session, school_id: int, pupil_id: int, *, by: int, now: datetime, key: str = ""
) -> Letter:
    """Give a pupil a new code; the old one dies.

    The same `key` sent again (the page of the code reloaded) gives the same code, and a code
    already copied stays good.
    """
    pupil = session.scalars(pupil_file(pupil_id, school_id)).one()
    return _renewed(session, pupil, pupil.full_name, f"pupil:{pupil.id}", key, by=by, now=now)


def renew_guardian_code(
    session: Session,
    school_id: int,
    pupil_id: int,
    guardian_id: int,
    *,
    by: int,
    now: datetime,
    key: str = "",
) -> Letter:
    """Give a guardian a new code, as `renew_code` does."""
    found = guardian_of_school(guardian_id, pupil_id, school_id)
    guardian = session.scalars(found).one()
    who = f"guardian:{guardian.id}"
    return _renewed(session, guardian, guardian.name, who, key, by=by, now=now)


def choose_class_weeks(
    session: Session,
    school_id: int,
    class_id: int,
    week_ids: Collection[int],
    *,
    by: int,
    now: datetime,
) -> SchoolClass:
    """Set the weeks in which a class is away.

    Raises:
        Refused: the wishes are closed, a week is not one of the campaign's, or pupils would lose
            every week of something they rank.
    """
    school = session.scalars(school_by_id(school_id)).one()
    school_class = session.scalars(class_of_school(class_id, school_id)).one()
    campaign = needed_campaign(session, school.territory_id)
    if campaign.current_round.state not in OPEN:
        raise Refused("Les vœux sont clos : les semaines ne changent plus.", "weeks")
    known = {week.id: week for week in session.scalars(weeks_of(campaign.id))}
    if not week_ids or not set(week_ids) <= set(known):
        raise Refused("Choisissez au moins une semaine de la campagne.", "weeks")
    _check_open_weeks([known[week_id] for week_id in week_ids], school.territory.holiday_zone)
    _check_wishes_survive(session, school_class, set(week_ids))
    chosen: list[Week] = [known[week_id] for week_id in sorted(set(week_ids))]
    school_class.weeks = sorted(chosen, key=lambda week: week.monday)
    record(session, "class.weeks", f"class:{class_id}", by=by, now=now, weeks=sorted(week_ids))
    session.commit()
    return school_class


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same but for case, accents, hyphens and spaces."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(sign for sign in letters if sign.isalnum())


def _check_age(birth_date: date, season: int) -> None:
    born = birth_date.year + (birth_date.month >= 9)
    if season - born not in AGES:
        raise Refused(
            f"Cette date ne va pas avec une troisième en {season} : vérifiez l’année.",
            "birth_date",
        )


def _check_new(
    session: Session, school_id: int, campaign_id: int, entry: PupilEntry, *, apart: int = 0
) -> None:
    for other in session.scalars(pupils_born_on(school_id, campaign_id, entry.birth_date)):
        namesake = same_name(other.last_name, entry.last_name)
        if other.id != apart and namesake and same_name(other.first_name, entry.first_name):
            raise AlreadyThere(other)


def _class_for(
    session: Session, school: School, campaign_id: int, entry: PupilEntry
) -> SchoolClass:
    known = list(session.scalars(classes_of_school(school.id, campaign_id)))
    if entry.new_class:
        found = next((c for c in known if same_name(c.name, entry.new_class)), None)
        if found is None:
            found = SchoolClass(campaign_id=campaign_id, school=school, name=entry.new_class)
            session.add(found)
        return found
    found = next((c for c in known if c.id == entry.class_id), None)
    if found is None:
        raise Refused("Choisissez une classe, ou donnez le nom d’une nouvelle.", "class_id")
    return found


def _guardian(session: Session, school_id: int, wanted: GuardianEntry) -> tuple[Guardian, bool]:
    """The guardian of a brother or sister with this mail address, else a new one."""
    if wanted.email:
        known = session.scalars(guardians_of_school(school_id, wanted.email)).first()
        if known is not None:
            return known, False
    guardian = Guardian(name=wanted.name, email=wanted.email)
    session.add(guardian)
    return guardian, True


def _renewed(
    session: Session,
    whose: Pupil | Guardian,
    name: str,
    subject: str,
    key: str,
    *,
    by: int,
    now: datetime,
) -> Letter:
    code = drawn_code(session, f"{key}:{subject}:renewed") if key else new_code()
    if whose.code_digest == code_digest(session, code):
        return Letter(name, code)
    letter = _letter(session, whose, name, code)
    record(session, "code.renewed", subject, by=by, now=now)
    session.commit()
    return letter


def _letter(session: Session, whose: Pupil | Guardian, name: str, code: str = "") -> Letter:
    code = code or new_code()
    forget_password(session, whose)
    whose.code_digest = code_digest(session, code)
    return Letter(name, code)


def close_accounts(session: Session, memberships: Sequence[Membership]) -> None:
    """Take away these roles; an account left without any keeps its number in the journal only."""
    for membership in memberships:
        account = membership.account
        account.memberships.remove(membership)
        session.delete(membership)
        if not account.memberships:
            account.email, account.password_hash = None, None
            account.name = "Compte fermé"


def _check_open_weeks(weeks: Sequence[Week], zone: str) -> None:
    for week in weeks:
        if reason := holiday_reason(week.monday, zone):
            raise Refused(f"La semaine du {day(week.monday)} est fermée : {reason}.", "weeks")


def _check_wishes_survive(session: Session, school_class: SchoolClass, kept: set[int]) -> None:
    before = {week.id for week in school_class.weeks}
    touched = 0
    for pupil in session.scalars(pupils_of_class(school_class.id)):
        offered = [{w.week_id for w in wish.offer.weeks if w.seats > 0} for wish in pupil.wishes]
        touched += any(weeks & before and not weeks & kept for weeks in offered)
    if touched:
        who = "1 élève a" if touched == 1 else f"{touched} élèves ont"
        raise Refused(
            f"{who} déjà classé des offres qui n’existent que dans les semaines retirées. "
            "Gardez ces semaines, ou demandez d’abord de changer ces vœux.",
            "weeks",
        )
