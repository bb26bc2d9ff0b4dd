"""Forms of a host's own page: its agreements, its team."""

from wtforms import SelectField, StringField

from models import HostKind, Ministry, Site
from web.forms.base import BaseForm, CheckboxesField, at_most, required
from web.forms.checks import email
from web.services.host_account import Details

MINISTRIES = {"": "Choisir un ministère", **{one.value: one.label for one in Ministry}}


class DetailsForm(BaseForm):
    """What agreements need of a host."""

    ministry = SelectField("Ministère", choices=MINISTRIES)
    signatory = StringField("Qui signe les conventions", [at_most(150)])
    signatory_email = StringField("Son adresse électronique", [email])
    insurer = StringField("Assureur", [at_most(100)])
    policy_number = StringField("Numéro du contrat d’assurance", [at_most(60)])

    def of(self, kind: HostKind) -> "DetailsForm":
        """Ask a State service for its ministry, and nobody else."""
        if kind is not HostKind.STATE:
            del self.ministry
        return self

    def details(self) -> Details:
        """What was typed, as the use case takes it."""
        chosen = self._fields.get("ministry")
        return Details(
            signatory=self.signatory.data or "",
            signatory_email=self.signatory_email.data or "",
            insurer=self.insurer.data or "",
            policy_number=self.policy_number.data or "",
            ministry=Ministry(chosen.data) if chosen and chosen.data else None,
        )


class MemberForm(BaseForm):
    """Somebody to invite."""

    name = StringField("Nom", [required("le nom"), at_most(100)])
    email = StringField("Adresse électronique", [required("l’adresse électronique"), email])


class MailForm(BaseForm):
    """The sites that one of the team is written about."""

    sites = CheckboxesField("Messages reçus pour", coerce=int)

    def offer_sites(self, sites: list[Site]) -> "MailForm":
        """List the sites of the host."""
        self.sites.choices = {one.id: f"{one.name}, {one.commune}" for one in sites}
        return self
