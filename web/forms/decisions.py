"""Forms of the people who decide in place of the computation."""

from collections.abc import Sequence

from wtforms import BooleanField, RadioField, SelectField, TextAreaField, ValidationError
from wtforms.validators import Length

from models import DecisionKind
from web.format import km, week
from web.forms.base import BaseForm, required, required_choice
from web.services.decisions import LONGEST, Choice
from web.services.openings import Opening

PROPOSED = 0
SHOWN = 100
"""Places in the list; the others are found by their name."""
MEANINGS = {
    DecisionKind.LOCK: "Garder la place proposée",
    DecisionKind.BAN: "Interdire cette offre",
    DecisionKind.HAND: "Donner une autre place",
}


class MotiveForm(BaseForm):
    """Why, in words that the family will read."""

    reason = TextAreaField("Motif", [required("le motif"), Length(max=LONGEST)])


class DecisionForm(MotiveForm):
    """What a person decides for one pupil."""

    kind = RadioField("Décision", [required_choice("Choisissez une décision.")])
    place = SelectField("Place", coerce=int, default=PROPOSED)
    agreed = BooleanField("La famille et le collège sont d’accord pour cette place")
    found = hidden = 0
    """Places, and how many of them the list is too short to show."""

    def offer(self, places: Sequence[Opening], proposed: int | None) -> "DecisionForm":
        """List the places, best first; without a proposed one, only another can be given.

        Only the first ones are shown, with the one that was chosen.
        """
        kinds = list(DecisionKind) if proposed else [DecisionKind.HAND]
        self.kind.choices = [(kind.value, MEANINGS[kind]) for kind in kinds]
        if len(kinds) == 1:  # nothing to choose: it is chosen
            self.kind.data = kinds[0].value
            self.kind.raw_data = [kinds[0].value]
        self.found, self.hidden = len(places), max(len(places) - SHOWN, 0)
        groups: dict[str, list[tuple[int, str]]] = {
            "Dans ce calcul": [(PROPOSED, "La place proposée" if proposed else "Choisir une place")]
        }
        chosen = [one for one in places[SHOWN:] if one.place.id == self.place.data]
        for one in [*places[:SHOWN], *chosen]:
            groups.setdefault(_group(one), []).append((one.place.id, _named(one)))
        self.place.choices = groups
        self.proposed = proposed
        return self

    def validate_place(self, field: SelectField) -> None:
        """Another place is one that is chosen."""
        if self.kind.data == DecisionKind.HAND.value and field.data == PROPOSED:
            raise ValidationError("Choisissez la place à donner.")

    def choice(self) -> Choice:
        """What was decided, as the use case takes it."""
        kind = DecisionKind(self.kind.data)
        named = self.place.data if kind is not DecisionKind.LOCK else PROPOSED
        place = named or self.proposed or PROPOSED
        return Choice(kind, place, self.reason.data or "", agreed=bool(self.agreed.data))


def _group(one: Opening) -> str:
    if one.rank:
        return "Ses vœux"
    return "Dans les limites de la famille" if one.accepted else "Au-delà : accord à recueillir"


def _named(one: Opening) -> str:
    rank = f"{one.rank}. " if one.rank else ""
    where = f"{one.offer.host_names}, {one.offer.site.commune}, {km(one.metres)}"
    return f"{rank}{one.offer.title}, {where}, {week(one.place.week.monday, year=False)}"
