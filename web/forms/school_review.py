"""What a head may ask about a proposal."""

from collections.abc import Iterable

from wtforms import HiddenField, RadioField, SelectField, ValidationError

from models import ObjectionKind, Pupil
from web.forms.base import BaseForm, required_choice
from web.services.objections import Request

NOBODY = 0
MEANINGS = {
    ObjectionKind.LEFT: "Cet élève a quitté le collège",
    ObjectionKind.TRIP: "Le trajet est impossible",
    ObjectionKind.PLACE: "Cette place ne convient pas à cet élève",
    ObjectionKind.APART: "Cet élève ne doit pas être au même endroit qu’un autre",
}


class ObjectionForm(BaseForm):
    """A category, never a free text: nothing is written of health, justice or private life."""

    kind = RadioField(
        "Pourquoi demander un changement ?",
        [required_choice("Choisissez une raison.")],
    )
    other_id = SelectField("L’autre élève", coerce=int, default=NOBODY)
    offer_week_id = HiddenField()

    def offer(self, others: Iterable[Pupil], *, place: bool) -> "ObjectionForm":
        """List the other pupils, and the reasons: without `place`, only to be apart."""
        kinds = list(ObjectionKind) if place else [ObjectionKind.APART]
        self.kind.choices = [(kind.value, MEANINGS[kind]) for kind in kinds]
        named = {p.id: f"{p.full_name}, {p.school_class.name}" for p in others}
        self.other_id.choices = {NOBODY: "Aucun", **named}
        return self

    def validate_other_id(self, field: SelectField) -> None:
        """To be apart takes two."""
        if self.kind.data == ObjectionKind.APART.value and field.data == NOBODY:
            raise ValidationError("Choisissez l’autre élève.")

    def request(self) -> Request:
        """What was asked, as the use case takes it."""
        kind = ObjectionKind(self.kind.data)
        if kind is ObjectionKind.APART:
            return Request(kind, other_id=self.other_id.data)
        typed = self.offer_week_id.data or ""
        return Request(kind, offer_week_id=int(typed) if typed.isdecimal() else None)
