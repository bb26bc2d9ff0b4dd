"""Forms of animators."""

from dataclasses import asdict
from datetime import datetime, time, timedelta
from typing import Any

from wtforms import BooleanField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from web.format import PARIS, paris
from web.forms.base import BaseForm, DateParts, required
from web.forms.checks import email
from web.services.dates import Dates
from web.services.preparation import Plan

HOURS = {hour: f"{hour} h" for hour in range(24)}
LABELS = {
    "offers_close_at": "Clôture des offres",
    "wishes_open_at": "Ouverture des vœux",
    "wishes_close_at": "Clôture des vœux",
    "run_at": "Calcul",
    "review_until": "Fin de la relecture par les collèges",
    "publish_at": "Publication",
    "answers_until": "Fin des réponses",
}


def _moments() -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, label in LABELS.items():
        made[name] = DateParts(label, [required("la date")])
        made[f"{name}_hour"] = SelectField(f"Heure : {label.lower()}", coerce=int, choices=HOURS)
    return made


class _Moments(BaseForm):
    """Each date of a round, in three boxes, and its hour."""


for _name, _field in _moments().items():
    setattr(_Moments, _name, _field)


class DatesForm(_Moments):
    """The dates of a round and the public value named for its draw."""

    public_value_name = StringField("Valeur publique du tirage au sort", [Length(max=200)])

    def show(self, dates: Dates, public_value_name: str) -> "DatesForm":
        """Fill the form with the dates as they are."""
        values: dict[str, Any] = {"public_value_name": public_value_name}
        for name in LABELS:
            local = paris(getattr(dates, name))
            values |= {name: local.date(), f"{name}_hour": local.hour}
        self.process(formdata=None, data=values)
        return self

    def dates(self, before: Dates) -> Dates:
        """What was typed, on a French clock; an untouched hour keeps its minutes."""
        return Dates(**{name: self._moment(name, getattr(before, name)) for name in LABELS})

    def _moment(self, name: str, before: datetime) -> datetime:
        day, hour = self[name].data, self[f"{name}_hour"].data
        local = paris(before)
        if (day, hour) == (local.date(), local.hour):
            return before
        return datetime.combine(day, time(), PARIS) + timedelta(hours=hour)


class CampaignForm(DatesForm):
    """A campaign to come: its season, its weeks, what it allows and the dates of its first turn."""

    season = IntegerField("Année de la rentrée", [required("l’année de la rentrée")])
    first_monday = DateParts(
        "Lundi de la première semaine de stage", [required("le premier lundi")]
    )
    last_monday = DateParts("Lundi de la dernière semaine de stage", [required("le dernier lundi")])
    max_wishes = IntegerField(
        "Nombre de vœux possibles par élève", [required("un nombre de vœux, de 1 à 30")]
    )
    guardians_act = BooleanField(
        "Les responsables légaux changent la liste et répondent, comme l’élève"
    )
    offers_open_at = DateParts("Ouverture aux offres", [required("la date")])
    offers_open_at_hour = SelectField("Heure : ouverture aux offres", coerce=int, choices=HOURS)

    def propose(self, plan: Plan) -> "CampaignForm":
        """Fill the form with a plan."""
        values: dict[str, Any] = {
            "season": plan.season,
            "max_wishes": plan.max_wishes,
            "guardians_act": plan.guardians_act,
        }
        for name in ("first_monday", "last_monday"):
            values[name] = getattr(plan, name)
        for name, moment in {"offers_open_at": plan.offers_open_at, **asdict(plan.dates)}.items():
            local = paris(moment)
            values |= {name: local.date(), f"{name}_hour": local.hour}
        self.process(formdata=None, data=values)
        return self

    def plan(self) -> Plan:
        """What was typed, on a French clock."""
        return Plan(
            season=self.season.data,
            offers_open_at=self._typed("offers_open_at"),
            dates=Dates(**{name: self._typed(name) for name in LABELS}),
            first_monday=self.first_monday.data,
            last_monday=self.last_monday.data,
            max_wishes=self.max_wishes.data,
            guardians_act=self.guardians_act.data,
            public_value_name=self.public_value_name.data or "",
        )

    def _typed(self, name: str) -> datetime:
        return datetime.combine(self[name].data, time(self[f"{name}_hour"].data), PARIS)


class HeadForm(BaseForm):
    """Somebody to invite in the team of a school."""

    name = StringField("Prénom et nom", [required("le prénom et le nom"), Length(max=100)])
    email = StringField(
        "Adresse électronique professionnelle",
        [required("son adresse électronique"), Length(max=200), email],
    )


class PublicValueForm(BaseForm):
    """The value that was announced, once it is public."""

    public_value = StringField(
        "Valeur publiée", [required("la valeur, telle qu’elle est publiée"), Length(max=200)]
    )


class ReturnOfferForm(BaseForm):
    """What a host must change in its offer."""

    reason = TextAreaField(
        "Ce qu’il faut corriger", [required("ce qu’il faut corriger"), Length(max=1000)]
    )


class RefuseObjectionForm(BaseForm):
    """Why a proposal stays as it is."""

    answer = TextAreaField(
        "Pourquoi la proposition reste la même",
        [required("la raison : le collège la lira"), Length(max=500)],
    )
