"""Write a plan: classes, pupils and guardians, each once."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from models import Guardian, Pupil, SchoolClass
from web.services.imports.people import Contact, Person
from web.services.imports.plan import WRITTEN, Known, Plan, own_guardian
from web.services.imports.values import ClassName, guardian_key, name_key


def apply_plan(
    session: Session, school_id: int, campaign_id: int, plan: Plan, known: Known
) -> None:
    """Add and change what the plan says. The caller commits."""
    writer = _Writer(session, school_id, campaign_id, known)
    for line in plan.with_outcome(*WRITTEN):
        if line.person is not None:
            writer.write(line.person, line.pupil)


class _Writer:
    def __init__(self, session: Session, school_id: int, campaign_id: int, known: Known) -> None:
        self.session = session
        self.school_id, self.campaign_id = school_id, campaign_id
        self.classes = known.class_keys
        self.guardians: dict[tuple[str, str], Guardian] = {}
        """Those who have a mail address, by address and name; by address alone under ""."""
        self._learn([guardian for pupil in known.pupils for guardian in pupil.guardians])

    def write(self, person: Person, pupil: Pupil | None) -> None:
        """Add a pupil, or change the one there is; what the list does not say stays."""
        klass = self._class(person.school_class)
        if pupil is None:
            pupil = self._new(person, klass)
        elif pupil.school_class is not klass:
            pupil.school_class = klass
        if person.ine and pupil.ine_digest == person.ine:
            pupil.last_name, pupil.first_name = _best(pupil, person)
        pupil.ine_digest = person.ine or pupil.ine_digest
        for contact in person.contacts:
            self._guard(pupil, contact)

    def _new(self, person: Person, klass: SchoolClass) -> Pupil:
        pupil = Pupil(
            campaign_id=self.campaign_id,
            school_id=self.school_id,
            school_class=klass,
            last_name=person.last_name,
            first_name=person.first_name,
            birth_date=person.birth_date,
            guardians=[],
        )
        self.session.add(pupil)
        return pupil

    def _class(self, wanted: ClassName) -> SchoolClass:
        found = self.classes.get(wanted.key)
        if found is None:
            found = SchoolClass(
                campaign_id=self.campaign_id,
                school_id=self.school_id,
                name=wanted.name,
                kind=wanted.kind,
            )
            self.session.add(found)
            self.classes[wanted.key] = found
        return found

    def _guard(self, pupil: Pupil, contact: Contact) -> None:
        own = own_guardian(pupil, contact)
        if own is not None:
            own.email = own.email or contact.email
            return
        guardian = self._shared(contact)
        if guardian is None:
            name = contact.name or f"Responsable légal ({pupil.last_name})"
            guardian = Guardian(name=name, email=contact.email)
            self.session.add(guardian)
            self._learn([guardian])
        pupil.guardians.append(guardian)

    def _shared(self, contact: Contact) -> Guardian | None:
        """The guardian of a brother or sister: same address and, when it is given, same name."""
        if not contact.email:
            return None
        name = guardian_key(contact.name) if contact.name else ""
        return self.guardians.get((contact.email, name))

    def _learn(self, guardians: Sequence[Guardian]) -> None:
        for guardian in guardians:
            if guardian.email:
                self.guardians.setdefault((guardian.email, guardian_key(guardian.name)), guardian)
                self.guardians.setdefault((guardian.email, ""), guardian)


def _best(pupil: Pupil, person: Person) -> tuple[str, str]:
    """The name to keep: a list that only lost its accents changes nothing."""
    if person.name_key == name_key(pupil.last_name, pupil.first_name):
        return pupil.last_name, pupil.first_name
    return person.last_name, person.first_name
