"""Forms of school teams."""

from wtforms import SelectField, StringField, ValidationError
from wtforms.validators import Length

from models import Pupil, SchoolClass, Week
from web.format import week as week_words
from web.forms.base import BaseForm, CheckboxesField, DateParts, required
from web.forms.checks import email
from web.services.schools import GuardianEntry, PupilEntry

NEW = 0
"""The choice « another class » of the list of classes."""

OFF = {"autocomplete": "off"}


class PupilForm(BaseForm):
    """A pupil and her class."""

    last_name = StringField("Nom", [required("le nom de l’élève"), Length(max=100)], render_kw=OFF)
    first_name = StringField(
        "Prénom", [required("le prénom de l’élève"), Length(max=100)], render_kw=OFF
    )
    birth_date = DateParts("Date de naissance", [required("la date de naissance")])
    class_id = SelectField("Classe", coerce=int)
    new_class = StringField("Nom de la nouvelle classe", [Length(max=40)], render_kw=OFF)

    def offer_classes(self, classes: list[SchoolClass]) -> "PupilForm":
        """List the classes of the school, then « another »."""
        known = {known.id: known.name for known in classes}
        self.class_id.choices = {**known, NEW: "Une autre classe, à créer"}
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
            new_class=self.new_class.data if new else "",
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
        self.weeks.choices = {one.id: f"Semaine {week_words(one.monday)}" for one in weeks}
        return self


def _named(name: StringField, address: StringField) -> None:
    if address.data and not name.data:
        raise ValidationError("Indiquez le nom de cette personne.")
