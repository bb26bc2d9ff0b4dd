"""The forms of an offer entered for a host: its host, what it offers, how it said yes."""

from collections.abc import Iterable, Mapping
from datetime import date
from secrets import token_urlsafe
from typing import Any

from wtforms import RadioField, StringField

from models import ConfirmedBy, EnteredOffer, HostKind, Offer
from web.forms.base import BaseForm, DateParts, at_most, required_choice
from web.forms.host import (
    ActivityForm,
    IdentityPart,
    PracticalForm,
    SiteForm,
    WeeksForm,
    calendar_form,
)
from web.services.entered import Call, OfferEntry
from web.services.errors import Refused
from web.services.hosts import HostEntry

NO_TOKEN = {"csrf": False}
"""The token of the page stands for all its parts."""


class HostPart(IdentityPart, SiteForm):
    """The host and its site; whom to write to is asked once, with the offer."""


class ConfirmForm(BaseForm):
    """How the host agrees: by the link of a mail, or on the phone."""

    how = RadioField(
        "La structure confirme",
        [required_choice("Dites comment la structure confirme.")],
        choices={
            ConfirmedBy.MAIL.value: "Par le lien d’un courriel, envoyé à la personne qui accueille",
            ConfirmedBy.CALL.value: "Elle a déjà dit oui, au téléphone",
        },
        default=ConfirmedBy.MAIL.value,
    )
    call_with = StringField("Qui a dit oui ?", [at_most(100)])
    call_on = DateParts("Date de l’appel")

    def call(self) -> Call | None:
        """The call that was noted, if the host agreed on the phone.

        Raises:
            Refused: who said yes, or when, is missing.
        """
        if self.how.data != ConfirmedBy.CALL.value:
            return None
        if not self.call_with.data:
            raise Refused("Indiquez qui a dit oui.", "call_with")
        if self.call_on.data is None:
            raise Refused("Indiquez la date de l’appel.", "call_on")
        return Call(self.call_with.data, self.call_on.data)


class EnteredForms:
    """The parts of the page, each with its own names; they are checked and refused as one."""

    def __init__(
        self, mondays: Iterable[date], *, typed: bool, known: EnteredOffer | None = None
    ) -> None:
        self.mondays = tuple(mondays)
        self.known = known
        source: Mapping[str, Any] = {} if typed else {"formdata": None}
        self.host = HostPart(prefix="h-", meta=NO_TOKEN, **source)
        self.activity = ActivityForm(prefix="a-", meta=NO_TOKEN, **source)
        self.practical = PracticalForm(prefix="p-", meta=NO_TOKEN, **source)
        del self.practical.safe  # the host declares it when it confirms
        self.weeks: WeeksForm = calendar_form(
            dict.fromkeys(self.mondays, 0), typed=typed, total=None
        )
        self.confirm = ConfirmForm(prefix="c-", meta=NO_TOKEN, **source)
        self.host.kind.label.text = "C’est"
        del self.activity.other_address, self.activity.other_postcode, self.activity.other_commune
        self.activity.site_id.choices = {0: "L’adresse écrite plus haut"}
        if typed:
            return
        self.activity.form_key.data = token_urlsafe(16)
        if known is None:
            self.practical.show_days(())
        else:
            self._show(known.offer)

    def _show(self, offer: Offer) -> None:
        """Fill every part with an offer as it was entered."""
        site = offer.site
        told = {"kind": site.host.kind.value, "siret": site.siret or site.claimed_siret or ""}
        self.host.process(None, site, data={**told, "name": site.host.name})
        self.host.kind.data, self.host.name.data = told["kind"], site.host.name
        self.host.siret.data = told["siret"]
        key = self.activity.form_key.data
        self.activity.process(None, offer)
        self.activity.kind.data, self.activity.sector.data = offer.kind.value, offer.sector.value
        self.activity.form_key.data = key
        self.practical.process(None, offer)
        self.practical.show_days(offer.timetable)
        self.weeks.total_seats.data = offer.total_seats
        seats = {offered.week.monday: offered.seats for offered in offer.weeks}
        for monday in self.mondays:
            self.weeks.of(monday).data = seats.get(monday)

    @property
    def parts(self) -> tuple[BaseForm, ...]:
        """Every part, in the order of the page."""
        return (self.host, self.activity, self.weeks, self.practical, self.confirm)

    def validate(self) -> bool:
        """Check every part, so that all mistakes are told at once."""
        checked = [part.validate() for part in self.parts]
        return all(checked)

    def mistakes(self) -> list[tuple[str, str]]:
        """(id of the control, message) of every part, in reading order."""
        return [mistake for part in self.parts for mistake in part.mistakes()]

    def refuse(self, refused: Refused) -> None:
        """Show what a use case refused at its field, whichever part holds it."""
        part = next((p for p in self.parts if refused.field in p), self.host)
        part.refuse(refused)

    def entry(self) -> OfferEntry:
        """What was typed."""
        return OfferEntry(
            host=HostEntry(
                name=self.host.name.data,
                kind=HostKind(self.host.kind.data),  # type: ignore[call-arg]
                site=self.host.site(),
                contact_name=self.practical.contact_name.data,
                contact_email=self.practical.contact_email.data,
            ),
            activity=self.activity.activity(),
            practical=self.practical.practical(),
            seats=self.weeks.seats(),
            total=self.weeks.total_seats.data,
        )
