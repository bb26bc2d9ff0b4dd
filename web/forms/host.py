"""Forms of hosts: registration, sites, and the three steps of an offer."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from wtforms import (
    BooleanField,
    Form,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import NumberRange, Optional, StopValidation

from models import Family, HostKind, Ministry, Need, OfferKind, School, Sector, Site
from web.format import week
from web.forms.base import (
    BaseForm,
    CheckboxesField,
    DateParts,
    at_least,
    at_most,
    required,
    required_choice,
)
from web.forms.checks import email, phone, postcode, siret
from web.forms.host_account import MINISTRIES
from web.forms.hours import WeekPart
from web.services.hosts import HostEntry, SiteEntry
from web.services.offer_drafts import SEATS_MAX, Activity, Practical, field_of

ELSEWHERE = 0
"""The choice of an address that is not a site yet."""
KINDS = {kind.value: kind.label for kind in HostKind}
SECTORS = {
    family.label: {s.value: s.label for s in Sector if s.family is family} for family in Family
}


class WholeField(IntegerField):
    """A whole number, or nothing; `of` begins the message, for the fields of a long table."""

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.of = of

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read digits, and a minus sign so that the range may refuse it."""
        typed = valuelist[0].strip() if valuelist else ""
        self.data = None
        if re.fullmatch(r"-?[0-9]{1,9}", typed):
            self.data = int(typed)
        elif typed:
            message = f"{self.of}écrivez un nombre entier, par exemple 2."
            raise ValueError(message[0].upper() + message[1:])

    def pre_validate(self, form: Form) -> None:
        """One message is enough: later checks would add theirs."""
        if self.process_errors:
            raise StopValidation


class IdentityPart(BaseForm):
    """Who registers: its questions come first."""

    kind = RadioField(
        "Vous êtes", [required_choice("Choisissez le type de structure.")], choices=KINDS
    )
    name = StringField("Nom de la structure", [required("le nom"), at_most(200)])


class FindForm(BaseForm):
    """The SIRET of an establishment that may be known; it only reads, so it needs no token."""

    class Meta(BaseForm.Meta):
        """It is sent in the address."""

        csrf = False

    numero = StringField(
        "Votre numéro SIRET",
        [required("le numéro SIRET"), siret],
        render_kw={"inputmode": "numeric"},
    )


class SiteForm(BaseForm):
    """A place where pupils are welcomed."""

    name = StringField("Nom de l’établissement", [required("le nom"), at_most(200)])
    siret = StringField("Numéro SIRET", [siret], render_kw={"inputmode": "numeric"})
    address = StringField("Adresse", [required("l’adresse"), at_most(200)])
    postcode = StringField(
        "Code postal", [required("le code postal"), postcode], render_kw={"inputmode": "numeric"}
    )
    commune = StringField("Commune", [required("la commune"), at_most(100)])

    def site(self) -> SiteEntry:
        """What was typed, as the use cases take it."""
        return SiteEntry(
            siret=self.siret.data or None,
            name=self.name.data,
            address=self.address.data,
            postcode=self.postcode.data,
            commune=self.commune.data,
        )


class RegisterForm(IdentityPart, SiteForm):
    """A host that registers, with its first site."""

    ministry = SelectField("Ministère, pour un service de l’État", choices=MINISTRIES)
    contact_name = StringField("Votre nom", [required("votre nom"), at_most(100)])
    contact_email = StringField(
        "Votre adresse électronique", [required("votre adresse électronique"), email]
    )

    def propose(self, siret_number: str, site: SiteEntry | None) -> "RegisterForm":
        """Fill in what is known of an establishment."""
        self.siret.data = siret_number
        if site:
            self.name.data, self.address.data = site.name, site.address
            self.postcode.data, self.commune.data = site.postcode, site.commune
        return self

    def entry(self) -> HostEntry:
        """What was typed, as the use case takes it."""
        return HostEntry(
            name=self.name.data,
            kind=HostKind(self.kind.data),
            site=self.site(),
            contact_name=self.contact_name.data,
            contact_email=self.contact_email.data,
            ministry=Ministry(self.ministry.data) if self.ministry.data else None,
        )


class ActivityForm(BaseForm):
    """Step 1: what pupils will see and do, and where."""

    form_key = HiddenField()
    site_id = SelectField("Lieu", coerce=int)
    other_address = StringField("Adresse", [at_most(200)])
    other_postcode = StringField("Code postal", [postcode], render_kw={"inputmode": "numeric"})
    other_commune = StringField("Commune", [at_most(100)])
    title = StringField("Titre de l’offre", [required("un titre"), at_most(120)])
    description = TextAreaField(
        "Ce que l’élève verra et fera",
        [required("ce que l’élève verra et fera"), at_least(30), at_most(1500)],
        render_kw={"rows": 6},
    )
    sector = SelectField(
        "Secteur",
        [required_choice("Choisissez un secteur.")],
        choices={"": "Choisir un secteur", **SECTORS},
    )
    kind = RadioField(
        "Accueil",
        choices={
            OfferKind.SINGLE.value: "Individuel : chaque élève peut venir sans les autres",
            OfferKind.GROUP.value: "En groupe : la semaine s’ouvre à partir d’un nombre d’élèves",
            OfferKind.HALF_DAYS.value: "Demi-journées : quelques jours dans une semaine partagée "
            "avec d’autres structures",
        },
        default=OfferKind.SINGLE.value,
    )
    min_group = WholeField(
        "Élèves au moins, pour un groupe", [Optional(), NumberRange(2, 30, "De 2 à 30 élèves.")]
    )
    school_max = WholeField(
        "Élèves au plus d’un même collège", [Optional(), NumberRange(1, 30, "De 1 à 30 élèves.")]
    )

    reserved_seats = WholeField(
        "Places gardées chaque semaine pour les collèges REP+ et REP",
        [Optional(), NumberRange(0, SEATS_MAX, f"De 0 à {SEATS_MAX} places.")],
    )
    named_seats = WholeField(
        "Places gardées chaque semaine pour des collèges que vous choisissez",
        [Optional(), NumberRange(0, SEATS_MAX, f"De 0 à {SEATS_MAX} places.")],
    )
    named_schools = CheckboxesField("Pour ces collèges", coerce=int, choices=[])
    reserve_until = DateParts("Gardées jusqu’au")

    def offer_sites(self, sites: list[Site]) -> "ActivityForm":
        """List the sites of the host."""
        known = {one.id: f"{one.name}, {one.commune}" for one in sites}
        self.site_id.choices = {**known, ELSEWHERE: "Une autre adresse, écrite plus bas"}
        return self

    def validate_site_id(self, field: SelectField) -> None:
        """Another address is written whole, and chosen."""
        if "other_address" not in self:
            return
        typed = [self[f"other_{part}"].data for part in ("address", "postcode", "commune")]
        if field.data == ELSEWHERE and not all(typed):
            raise ValidationError("Écrivez l’adresse, le code postal et la commune.")
        if field.data != ELSEWHERE and any(typed):
            raise ValidationError("Choisissez « Une autre adresse », ou effacez celle du dessous.")

    def offer_schools(self, schools: list[School]) -> "ActivityForm":
        """List the schools for which seats can be kept."""
        self.named_schools.choices = [(one.id, f"{one.name}, {one.commune}") for one in schools]
        return self

    def validate_min_group(self, field: WholeField) -> None:
        """A group has a size."""
        if self.kind.data == OfferKind.GROUP.value and field.data is None:
            raise ValidationError("Indiquez à partir de combien d’élèves la semaine s’ouvre.")

    def _elsewhere(self) -> SiteEntry | None:
        if self.site_id.data != ELSEWHERE or "other_address" not in self:
            return None
        address, commune = self.other_address.data, self.other_commune.data
        return SiteEntry(None, address, address, self.other_postcode.data, commune)

    def activity(self) -> Activity:
        """What was typed, as the use cases take it."""
        return Activity(
            at=self._elsewhere(),
            site_id=self.site_id.data,
            title=self.title.data,
            description=self.description.data,
            sector=Sector(self.sector.data),
            kind=OfferKind(self.kind.data),
            min_group=self.min_group.data,
            school_max=self.school_max.data,
            reserved_seats=self.reserved_seats.data or 0,
            reserve_until=self.reserve_until.data,
            named_seats=self.named_seats.data or 0,
            named_schools=tuple(self.named_schools.data or ()),
        )


class WeeksForm(BaseForm):
    """Step 2: its weeks are fields of their own, see `calendar_form`."""

    total_seats = WholeField(
        "Total à ne pas dépasser, toutes semaines ensemble",
        [Optional(), NumberRange(1, 500, "Le total va de 1 à 500 places.")],
    )

    def seats(self) -> dict[date, int]:
        """The places typed, by Monday; an empty field is no place."""
        found = {}
        for name, field in self._fields.items():
            if name.startswith("seats-"):
                found[date.fromisoformat(name.removeprefix("seats-"))] = field.data or 0
        return found

    def of(self, monday: date) -> WholeField:
        """The field of a week, for the calendar."""
        return self[field_of(monday)]


class PracticalForm(WeekPart):
    """Step 3: hours, how to come, whom to ask for."""

    access = TextAreaField("Comment venir", [at_most(500)], render_kw={"rows": 3})
    contact_name = StringField("Personne qui accueille", [required("un nom"), at_most(100)])
    contact_email = StringField(
        "Son adresse électronique", [required("son adresse électronique"), email]
    )
    contact_phone = StringField("Son téléphone", [phone], render_kw={"inputmode": "tel"})
    tutors = StringField("Tuteurs, si ce n’est pas cette personne", [at_most(200)])
    lunch = StringField("Repas de midi", [at_most(200)])
    dress = StringField("Tenue", [at_most(200)])
    elsewhere = StringField("Visites ou temps à distance", [at_most(300)])
    safe = BooleanField(
        "L’élève observe : aucune machine dangereuse, aucun produit dangereux, ni travail en "
        "hauteur, ni autre travail interdit aux mineurs",
        [required_choice("Cochez cette case : sans cet engagement, l’offre ne peut pas s’ouvrir.")],
    )
    accessibility = CheckboxesField(
        "Ce qui est possible sur place", choices={need.value: need.label for need in Need}
    )

    def practical(self) -> Practical:
        """What was typed, as the use case takes it."""
        return Practical(
            days=self.days(),
            hours_note=self.hours_note.data or "",
            long_week=self.long_week.data,
            access=self.access.data or "",
            contact_name=self.contact_name.data,
            contact_email=self.contact_email.data,
            contact_phone=self.contact_phone.data or "",
            safe="safe" in self and self.safe.data,
            tutors=self.tutors.data or "",
            lunch=self.lunch.data or "",
            dress=self.dress.data or "",
            elsewhere=self.elsewhere.data or "",
            accessibility=tuple(self.accessibility.data or ()),
        )


class WithdrawForm(BaseForm):
    """Why an offer in which pupils hold places goes away."""

    reason = StringField("Pourquoi vous ne pouvez plus accueillir", [at_most(300)])


def calendar_form(seats: Mapping[date, int], *, typed: bool, total: int | None) -> WeeksForm:
    """The form of step 2, with one whole number per Monday of `seats`."""

    class Calendar(WeeksForm):
        pass

    for monday in seats:
        of = f"Semaine {week(monday, year=False)} : "
        message = f"{of}de 0 à {SEATS_MAX} places."
        checks = [Optional(), NumberRange(0, SEATS_MAX, message)]
        setattr(Calendar, field_of(monday), WholeField("Places", checks, of=of))
    known = {field_of(monday): count for monday, count in seats.items()}
    if typed:
        return Calendar()
    return Calendar(formdata=None, data={**known, "total_seats": total})
