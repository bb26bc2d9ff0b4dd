"""Forms of school teams."""

from wtforms import BooleanField, RadioField, SelectField, StringField, ValidationError
from wtforms.validators import Length, Optional

from models import ClassKind, Pupil, Role, SchoolClass, Week
from web.format import day
from web.format import week as week_words
from web.forms.base import BaseForm, CheckboxesField, DateParts, required, required_choice
from web.forms.checks import email
from web.services.calendar import public_holidays
from web.services.classes import ClassFacts
from web.services.schools import GuardianEntry, PupilEntry
from web.services.team import Colleague

NEW = 0
"""The choice « another class » of the list of classes."""

OFF = {"autocomplete": "off"}

ROLES = {
    Role.TEACHER.value: "Professeur principal : voit et aide ses classes seulement",
    Role.SCHOOL.value: "Direction : voit tout le collège, relit, gère l’équipe",
}


class PupilForm(BaseForm):
    """A pupil and her class."""

    last_name = StringField("Nom", [required("le nom de l’élève"), Length(max=100)], render_kw=OFF)
    first_name = StringField(
        "Prénom", [required("le prénom de l’élève"), Length(max=100)], render_kw=OFF
    )
    birth_date = DateParts("Date de naissance", [required("la date de naissance")])
    class_id = SelectField("Classe", coerce=int)
    new_class = StringField("Nom de la nouvelle classe", [Length(max=40)], render_kw=OFF)

    def offer_classes(self, classes: list[SchoolClass], *, may_add: bool = True) -> "PupilForm":
        """List the classes of whoever asks, then « another » if she may make one."""
        known = {known.id: known.name for known in classes}
        new = {NEW: "Une autre classe, à créer"} if may_add else {}
        self.class_id.choices = {**known, **new}
        if not may_add:
            del self.new_class
        return self

    def validate_new_class(self, field: StringField) -> None:
        """A new class has a name."""
        if self.class_id.data == NEW and not field.data:
            raise ValidationError("Indiquez le nom de la nouvelle classe.")

    def entry(self, guardians: list[GuardianEntry] | None = None) -> PupilEntry:
        """What was typed, as the use cases take it."""
        new = self.class_id.data == NEW
        return PupilEntry(
            first_name=self.first_name.data,
            last_name=self.last_name.data,
            birth_date=self.birth_date.data,
            class_id=None if new else self.class_id.data,
            new_class=self.new_class.data if new and self.new_class else "",
            guardians=guardians or [],
        )

    def show(self, pupil: Pupil) -> "PupilForm":
        """Fill the form with what is known of a pupil."""
        self.process(formdata=None, obj=pupil, class_id=pupil.school_class_id)
        return self


class NewPupilForm(PupilForm):
    """A pupil who arrives, with up to two guardians."""

    guardian1_name = StringField("Nom du premier responsable légal", [Length(max=100)])
    guardian1_email = StringField("Son adresse électronique", [email])
    guardian2_name = StringField("Nom du second responsable légal", [Length(max=100)])
    guardian2_email = StringField("Adresse électronique du second", [email])

    def validate_guardian1_name(self, field: StringField) -> None:
        """An address without a name helps nobody."""
        _named(field, self.guardian1_email)

    def validate_guardian2_name(self, field: StringField) -> None:
        """As for the first."""
        _named(field, self.guardian2_email)

    def validate_guardian2_email(self, field: StringField) -> None:
        """One address is one person, who would get two codes."""
        first = self.guardian1_email.data or ""
        if first and (field.data or "").lower() == first.lower():
            raise ValidationError("Cette adresse est déjà celle du premier responsable.")

    def entry(self, guardians: list[GuardianEntry] | None = None) -> PupilEntry:
        """What was typed, guardians included."""
        typed = [
            (self.guardian1_name.data, self.guardian1_email.data),
            (self.guardian2_name.data, self.guardian2_email.data),
        ]
        found = [GuardianEntry(n, (e or "").lower() or None) for n, e in typed if n]
        return super().entry(guardians or found)


class WeeksForm(BaseForm):
    """The weeks in which a class is away."""

    weeks = CheckboxesField("Semaines de la classe", coerce=int)

    def offer_weeks(self, weeks: list[Week]) -> "WeeksForm":
        """List the weeks of the campaign."""
        self.weeks.choices = {one.id: _week_label(one) for one in weeks}
        return self


class ClassForm(BaseForm):
    """What a head says of a class."""

    teacher = StringField("Professeur principal", [Optional(), Length(max=100)], render_kw=OFF)
    kind = SelectField("Type de classe", choices={kind.value: kind.label for kind in ClassKind})
    takes_part = BooleanField("Cette classe participe à l’attribution des stages")

    @classmethod
    def of(cls, known: SchoolClass) -> "ClassForm":
        """The form as the class is now."""
        data = {"teacher": known.teacher, "kind": known.kind.value, "takes_part": known.takes_part}
        return cls(formdata=None, data=data)

    def facts(self) -> ClassFacts:
        """What was typed, as the use case takes it."""
        return ClassFacts(ClassKind(self.kind.data), self.takes_part.data, self.teacher.data or "")


class ColleagueForm(BaseForm):
    """Somebody to let into the team of a school."""

    name = StringField("Prénom et nom", [required("le nom de cette personne"), Length(max=100)])
    email = StringField("Adresse électronique", [required("son adresse électronique"), email])
    role = RadioField("Rôle", [required_choice("Choisissez un rôle.")], choices=ROLES)
    classes = CheckboxesField("Classes du professeur principal", coerce=int)

    def offer_classes(self, classes: list[SchoolClass]) -> "ColleagueForm":
        """List the classes of the school."""
        self.classes.choices = {one.id: one.name for one in classes}
        return self

    def entry(self) -> Colleague:
        """What was typed, as the use case takes it."""
        return Colleague(
            self.email.data, self.name.data, Role(self.role.data), tuple(self.classes.data or ())
        )


class TaughtForm(BaseForm):
    """The classes of one main teacher."""

    classes = CheckboxesField("Classes", coerce=int)

    def offer_classes(self, classes: list[SchoolClass]) -> "TaughtForm":
        """List the classes of the school."""
        self.classes.choices = {one.id: one.name for one in classes}
        return self


def _week_label(one: Week) -> str:
    """« Semaine du 14 au 18 décembre 2026 », and its public holidays if it has some."""
    feasts = [
        f"{day(when, year=False)}, {name}" for when, name in public_holidays(one.monday).items()
    ]
    off = f" ({'férié' if len(feasts) == 1 else 'fériés'} : {' ; '.join(feasts)})" if feasts else ""
    return f"Semaine {week_words(one.monday)}{off}"


def _named(name: StringField, address: StringField) -> None:
    if address.data and not name.data:
        raise ValidationError("Indiquez le nom de cette personne.")
