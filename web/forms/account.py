"""Forms to sign in and to choose a password."""

from wtforms import EmailField, Field, Form, PasswordField, StringField

from web.forms.base import BaseForm, DateParts, required, required_choice
from web.forms.checks import email


class LetterForm(BaseForm):
    """The code of a letter, and a birth date."""

    code = StringField(
        "Code de la lettre", [required_choice("Écris le code de la lettre.")], id="code"
    )
    birth_date = DateParts(
        "Date de naissance de l’élève",
        [required_choice("Écris la date de naissance.")],
        birthday=True,
    )


def _login(form: Form, field: Field) -> None:
    """With an @ it is a mail address; without, the code of a letter."""
    if "@" in (field.data or ""):
        email(form, field)


class PasswordForm(BaseForm):
    """A mail address, or the code of a letter, and a password."""

    email = StringField(
        "Adresse électronique, ou code",
        [required_choice("Écrire une adresse électronique, ou le code de la lettre."), _login],
    )
    password = PasswordField("Mot de passe", [required_choice("Écrire le mot de passe.")])


class CodeForm(BaseForm):
    """The code of a phone, or a recovery code."""

    code = StringField("Code", [required("le code")])


class LinkForm(BaseForm):
    """Where to send a one-use link."""

    email = EmailField("Adresse électronique", [required("votre adresse électronique"), email])


class NewPasswordForm(BaseForm):
    """The password that a one-use link lets choose."""

    password = PasswordField("Nouveau mot de passe", [required("un mot de passe")])


class OwnPasswordForm(BaseForm):
    """The password that somebody of a family chooses; the one there is, to change it."""

    current = PasswordField("Mot de passe d’aujourd’hui")
    password = PasswordField("Nouveau mot de passe", [required_choice("Écrire un mot de passe.")])


class OwnAddressForm(BaseForm):
    """The address that somebody of a family gives to enter by a link."""

    email = EmailField(
        "Adresse électronique", [required_choice("Écrire une adresse électronique."), email]
    )
