"""Forms of pupils and their guardians."""

from wtforms import BooleanField, HiddenField, SearchField, SelectField, StringField

from models import Family, Pupil
from web.adapters.places import Commune, commune_named
from web.format import week
from web.forms.base import BaseForm, CheckboxesField
from web.services.catalogue import Filters
from web.services.limits import EVERYWHERE, KM_CHOICES
from web.services.reach import limit_m

FAMILIES = {family.value: family.label for family in Family}
NEAR = (5, 10, 15, 20, 30, 50)


class FilterForm(BaseForm):
    """What a pupil looks for; a value that is not in a list is ignored."""

    class Meta(BaseForm.Meta):
        """A search changes nothing: no token."""

        csrf = False

    q = SearchField("Mots")
    family = SelectField("Famille de métiers", name="famille", default="")
    km = SelectField("Distance", default="")
    origin = StringField("Depuis une commune", name="depuis")
    area = HiddenField(name="secteur")
    week = SelectField("Semaine", name="semaine", default="")
    state = BooleanField("Services de l’État seulement", name="etat")
    pathways = BooleanField("Parcours seulement", name="parcours")
    order = SelectField(
        "Ordre", name="tri", choices={"": "Les plus proches", "titre": "De A à Z"}, default=""
    )

    @classmethod
    def of(cls, args: object, pupil: Pupil) -> "FilterForm":
        """The form as the address fills it, with the weeks of this pupil."""
        form = cls(formdata=args)
        form.family.choices = {"": "Toutes", **FAMILIES}
        form.km.choices = {"": "Peu importe", **{str(n): f"Moins de {n} km" for n in NEAR}}
        weeks = {str(w.id): week(w.monday).capitalize() for w in pupil.school_class.weeks}
        form.week.choices = {"": "Toutes", **weeks}
        form.validate()
        form.commune = form._commune(pupil)
        return form

    commune: Commune | None = None
    """Where distances are counted from, for this search only: it is kept nowhere."""

    def _commune(self, pupil: Pupil) -> Commune | None:
        typed = (self.origin.data or "")[:60]
        if not typed:
            return None
        departement = pupil.school.territory.departement
        found = commune_named(typed, departement)
        if found is None:
            self.origin.errors = [f"« {typed} » n’est pas une commune connue ici."]
        return found

    def filters(self) -> Filters:
        """What the service understands."""
        family, km, week_id = (self._kept(field) for field in (self.family, self.km, self.week))
        return Filters(
            words=(self.q.data or "")[:80],
            family=next((f for f in Family if f.value == family), None),
            km=int(km) if km else None,
            state_only=bool(self.state.data),
            pathways_only=bool(self.pathways.data),
            week_id=int(week_id) if week_id else None,
            by_title=self._kept(self.order) == "titre",
            communes=frozenset(code for code in (self.area.data or "").split("-") if code),
        )

    @staticmethod
    def _kept(field: SelectField) -> str:
        return "" if field.errors else field.data or ""


class LimitsForm(BaseForm):
    """Within which limits another place is accepted."""

    limit_km = SelectField("À quelle distance du collège, au plus ?", coerce=int)
    families = CheckboxesField("Dans quelles familles de métiers ?", choices=FAMILIES)

    @classmethod
    def of(cls, pupil: Pupil) -> "LimitsForm":
        """The form with what this pupil accepts now, or with what was just typed."""
        present = limit_m(pupil) // 1000
        accepted = [f.value for f in Family if f.value not in pupil.refused_families]
        form = cls(limit_km=present, families=accepted)
        form.limit_km.choices = {
            n: "Peu importe" if n == EVERYWHERE else f"{n} km"
            for n in sorted({*KM_CHOICES, present})
        }
        return form

    def refused(self) -> list[Family]:
        """The families left out."""
        return [family for family in Family if family.value not in (self.families.data or [])]
