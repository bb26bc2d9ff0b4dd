"""The form of a commitment of the PaQte."""

from typing import Any

from wtforms import HiddenField, SelectField, StringField, ValidationError
from wtforms.validators import NumberRange, Optional

from models import Commitment, CommittedAction, Host, HostKind, Network
from web.format import season as season_words
from web.forms.base import BaseForm, DateParts, at_most, required
from web.forms.host import WholeField
from web.services.commitments import Entry, Newcomer

SENSIBLE = NumberRange(0, 10_000, "Écrivez un nombre entre 0 et 10 000.")


def _count(label: str) -> Any:
    return WholeField(label, [Optional(), SENSIBLE])


class _Actions(BaseForm):
    """A number promised and a number done for each kind of action."""


for _action in CommittedAction:
    setattr(_Actions, f"promised_{_action.value}", _count(f"{_action.label} : nombre promis"))
    setattr(_Actions, f"done_{_action.value}", _count(f"{_action.label} : nombre fait"))


class CommitmentForm(_Actions):
    """What a host promised, and which actions took place."""

    host_id = SelectField("Structure", coerce=int)
    new_name = StringField("Nom d’une structure pas encore inscrite", [at_most(200)])
    new_kind = SelectField(
        "Elle est",
        choices={"": "Choisir", **{kind.value: kind.label for kind in HostKind}},
        default="",
    )
    network = SelectField("Réseau", choices={network.value: network.label for network in Network})
    season = SelectField("Saison", coerce=int)
    signed_on = DateParts("Signé le", [required("la date de signature")])
    places = WholeField(
        "Places promises", [required("le nombre de places, 0 s’il n’y en a pas"), SENSIBLE]
    )
    weeks = WholeField(
        "Semaines promises",
        [
            required("le nombre de semaines, 0 si rien n’est dit"),
            NumberRange(0, 40, "Écrivez un nombre entre 0 et 40."),
        ],
    )
    seen = HiddenField()

    def offer(
        self, hosts: list[Host], seasons: list[int], only: Network | None
    ) -> "CommitmentForm":
        """Set what can be chosen; `only`: the one network this animator writes for."""
        self.host_id.choices = {0: "Choisissez", **{host.id: host.name for host in hosts}}
        self.season.choices = {year: season_words(year) for year in seasons}
        if only is not None:
            self.network.choices = {only.value: only.label}
        return self

    def validate_host_id(self, field: SelectField) -> None:
        """A host of the list, or the name of one that is not there."""
        if not field.data and not self.new_name.data:
            raise ValidationError("Choisissez une structure, ou écrivez le nom d’une nouvelle.")
        if field.data and self.new_name.data:
            raise ValidationError("Une structure de la liste ou une nouvelle : gardez l’une.")

    def validate_new_kind(self, field: SelectField) -> None:
        """A new host says what it is."""
        if self.new_name.data and not field.data:
            raise ValidationError("Dites ce qu’est cette structure.")

    def host(self) -> int | Newcomer:
        """Whose promise it is."""
        if self.new_name.data:
            return Newcomer(self.new_name.data, HostKind(self.new_kind.data))  # type: ignore[call-arg]
        return int(self.host_id.data)

    def show(self, known: Commitment) -> "CommitmentForm":
        """Fill the form with a commitment as it stands."""
        values: dict[str, Any] = {
            "host_id": known.host_id,
            "network": known.network.value,
            "season": known.season,
            "signed_on": known.signed_on,
            "places": known.places,
            "weeks": known.weeks,
            "seen": known.saved_at.isoformat(),
        }
        for action in CommittedAction:
            values[f"promised_{action.value}"] = known.promised.get(action.value)
            values[f"done_{action.value}"] = known.done.get(action.value)
        self.process(formdata=None, data=values)
        return self

    def entry(self) -> Entry:
        """What was typed."""
        return Entry(
            network=Network(self.network.data),  # type: ignore[call-arg]
            season=self.season.data,
            signed_on=self.signed_on.data,
            places=self.places.data,
            weeks=self.weeks.data,
            promised={a.value: self[f"promised_{a.value}"].data or 0 for a in CommittedAction},
            done={a.value: self[f"done_{a.value}"].data or 0 for a in CommittedAction},
        )
