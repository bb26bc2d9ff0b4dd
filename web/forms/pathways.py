"""The form in which an animator composes a parcours."""

from collections.abc import Sequence
from secrets import token_urlsafe

from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import NumberRange

from models import HALVES, WEEKDAYS, HostKind, Offer, clock_time
from web.format import plural
from web.forms.base import BaseForm, at_most, required
from web.forms.host import WholeField
from web.services.half_days import TRAVEL_KM, HalfDay
from web.services.hours import LONGEST_WEEK, USUAL_WEEK, YOUNG
from web.services.offer_drafts import SEATS_MAX
from web.services.pathway_words import LONGEST_TITLE
from web.services.pathways import Draft, draft_of, field_of

SLOTS = range(10)
NOBODY = 0


class ProposeForm(BaseForm):
    """How far two steps in a row may be."""

    travel_km = WholeField(
        "Trajet le plus long entre deux étapes, en kilomètres",
        [required("un nombre de kilomètres"), NumberRange(1, 100, "De 1 à 100 km.")],
        default=TRAVEL_KM,
    )


class StartForm(BaseForm):
    """Where a parcours begins."""

    form_key = HiddenField(default=lambda: token_urlsafe(16))
    step = SelectField("Première demi-journée", coerce=int)

    def offer(self, pool: Sequence[HalfDay]) -> "StartForm":
        """List the half-days of the week."""
        self.step.choices = [(one.key, f"{one.name}, {named(one)}") for one in pool]
        return self


class PathwayForm(BaseForm):
    """The week of a parcours: who welcomes at each half-day, its title and its places."""

    seen = HiddenField()
    title = StringField("Titre du parcours", [required("un titre"), at_most(LONGEST_TITLE)])
    description = TextAreaField(
        "Ce que l’élève verra et fera",
        [required("ce que l’élève verra et fera"), at_most(4000)],
        render_kw={"rows": 5},
    )
    seats = WholeField(
        "Places", [required("le nombre de places"), NumberRange(1, SEATS_MAX, "De 1 à 30 places.")]
    )
    long_week = BooleanField(
        f"Les structures confirment plus de {USUAL_WEEK.told} cette semaine "
        f"({LONGEST_WEEK.told} au plus). Avant {YOUNG.told} ans, {USUAL_WEEK.told} s’appliquent"
    )

    def offer(self, pool: Sequence[HalfDay]) -> "PathwayForm":
        """List what each half-day of the week offers."""
        for slot in SLOTS:
            here = [(one.key, named(one)) for one in pool if one.slot == slot]
            self[field_of(slot)].choices = [(NOBODY, "Personne"), *here]
        return self

    def show(self, pathway: Offer, pool: Sequence[HalfDay]) -> "PathwayForm":
        """Fill the form with a parcours as it is."""
        steps = {field_of(2 * one.weekday + one.half): one.key for one in pathway.steps}
        self.process(
            formdata=None,
            data={
                "seen": draft_of(pathway).version,
                "title": pathway.title,
                "description": pathway.description,
                "seats": pathway.seats,
                "long_week": pathway.long_week,
                **steps,
            },
        )
        self.offer(pool)
        known = {one.key for one in pool}
        for slot in SLOTS:
            if self[field_of(slot)].data not in known:
                self[field_of(slot)].data = NOBODY
        return self

    def draft(self) -> Draft:
        """What was typed, as the use case takes it."""
        chosen = {slot: self[field_of(slot)].data for slot in SLOTS}
        return Draft(
            title=self.title.data or "",
            description=self.description.data or "",
            seats=self.seats.data,
            steps={slot: key for slot, key in chosen.items() if key},
            long_week=bool(self.long_week.data),
        )


for _slot in SLOTS:
    _label = f"{WEEKDAYS[_slot // 2].capitalize()} {HALVES[_slot % 2]}"
    setattr(PathwayForm, field_of(_slot), SelectField(_label, coerce=int, default=NOBODY))


def named(one: HalfDay) -> str:
    """« Préfecture (État), 9 h – 12 h, 4 places libres sur 6 »."""
    state = " (État)" if one.host.kind is HostKind.STATE else ""
    hours = f"{clock_time(one.span.start)} – {clock_time(one.span.end)}"
    left = plural(one.left, "place libre", "places libres")
    return f"{one.host.name}{state}, {hours}, {left} sur {one.seats}"
