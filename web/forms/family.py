"""Forms of families beyond the list: answers, places found, questions, accessibility."""

from wtforms import (
    BooleanField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Length

from models import Guardian, Need, RequestKind, Week
from web.format import week as week_words
from web.forms.base import BaseForm, CheckboxesField, DateParts, required, required_choice
from web.forms.checks import contact, postcode
from web.services.answers import DeclineReason
from web.services.found_places import Found
from web.services.needs_access import Paper


class DeclineForm(BaseForm):
    """Why a place is refused."""

    reason = RadioField(
        "Pourquoi ?",
        [required_choice("Choisissez une raison.")],
        choices={reason.value: reason.label for reason in DeclineReason},
    )

    def chosen(self) -> DeclineReason:
        """The category."""
        return next(reason for reason in DeclineReason if reason.value == self.reason.data)


class FoundForm(BaseForm):
    """A place found by a family."""

    host_name = StringField("Nom de la structure", [required("le nom"), Length(max=120)])
    address = StringField("Adresse", [required("l’adresse"), Length(max=200)])
    postcode = StringField(
        "Code postal",
        [required("le code postal"), postcode],
        render_kw={"inputmode": "numeric"},
    )
    commune = StringField("Commune", [required("la commune"), Length(max=80)])
    week_id = SelectField("Semaine", [required_choice("Choisissez une semaine.")], coerce=int)
    tutor_name = StringField("Personne qui accueille", [required("un nom"), Length(max=100)])
    tutor_contact = StringField(
        "Son téléphone ou son courriel",
        [required("un téléphone ou un courriel"), Length(max=120), contact],
    )

    def offer_weeks(self, weeks: list[Week]) -> "FoundForm":
        """List the weeks of the class."""
        self.week_id.choices = {week.id: week_words(week.monday).capitalize() for week in weeks}
        return self

    def found(self) -> Found:
        """What was typed, as the use case takes it."""
        return Found(
            week_id=self.week_id.data,
            host_name=self.host_name.data,
            address=self.address.data,
            postcode=self.postcode.data,
            commune=self.commune.data,
            tutor_name=self.tutor_name.data,
            tutor_contact=self.tutor_contact.data,
        )


class RefusalForm(BaseForm):
    """Why the school does not keep a place found."""

    reason = TextAreaField(
        "Pourquoi ? La famille le lira.",
        [required("la raison"), Length(max=300, message="300 signes au plus.")],
        render_kw={"rows": 2},
    )


class QuestionForm(BaseForm):
    """A request for an explanation, or an appeal."""

    kind = RadioField(
        "La demande",
        [required_choice("Choisissez ce que vous demandez.")],
        choices={
            RequestKind.EXPLANATION.value: "Une explication : comment la règle s’est appliquée",
            RequestKind.APPEAL.value: "Un recours : que la décision soit revue",
        },
        default=RequestKind.EXPLANATION.value,
    )
    text = TextAreaField("La question", [required("votre question")], render_kw={"rows": 5})

    def wanted(self) -> RequestKind:
        """An explanation or an appeal."""
        return next(kind for kind in RequestKind if kind.value == self.kind.data)


class AnswerForm(BaseForm):
    """The answer to a family."""

    text = TextAreaField("La réponse", [required("la réponse")], render_kw={"rows": 8})


class NeedsForm(BaseForm):
    """What a pupil needs, said by a guardian who agrees that it is kept."""

    needs = CheckboxesField("De quoi faut-il être sûr ?", choices={n.value: n.label for n in Need})
    agreed = BooleanField(
        "Je suis responsable légal. J’accepte que ces besoins soient gardés, chiffrés, jusqu’à la "
        "fin du stage, pour écarter les places qui ne conviennent pas."
    )

    def chosen(self) -> list[Need]:
        """The needs ticked."""
        return [need for need in Need if need.value in (self.needs.data or [])]


class PaperNeedsForm(NeedsForm):
    """The same, from a paper that a guardian signed and the school keeps."""

    signer_id = RadioField("Qui a signé ?", coerce=int, validate_choice=False)
    signed_on = DateParts("Date de la signature")
    agreed = BooleanField(
        "J’ai ce papier signé : l’accord pour que ces besoins soient gardés, chiffrés, jusqu’à la "
        "fin du stage, pour écarter les places qui ne conviennent pas."
    )

    def offer_signers(self, guardians: list[Guardian]) -> "PaperNeedsForm":
        """List the guardians of the pupil."""
        self.signer_id.choices = {one.id: one.name for one in guardians}
        return self

    def validate_signer_id(self, field: RadioField) -> None:
        """Somebody signed, unless everything is erased."""
        if self.chosen() and field.data not in dict(self.signer_id.choices or {}):
            raise ValidationError("Choisissez qui a signé.")

    def validate_signed_on(self, field: DateParts) -> None:
        """And some day."""
        if self.chosen() and not field.data:
            raise ValidationError("Indiquez la date de la signature.")

    def paper(self) -> Paper | None:
        """Who signed and when; None when nothing is ticked."""
        return Paper(self.signer_id.data, self.signed_on.data) if self.chosen() else None
