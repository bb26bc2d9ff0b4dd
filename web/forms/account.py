"""Forms to sign in and to choose a password."""

from wtforms import EmailField, PasswordField, StringField

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


class PasswordForm(BaseForm):
    """A mail address and a password."""

    email = EmailField("Adresse électronique", [required("votre adresse électronique"), email])
    password = PasswordField("Mot de passe", [required("votre mot de passe")])


class CodeForm(BaseForm):
    """The code of a phone, or a recovery code."""

    code = StringField("Code", [required("le code")])


class LinkForm(BaseForm):
    """Where to send a one-use link."""

    email = EmailField("Adresse électronique", [required("votre adresse électronique"), email])


class NewPasswordForm(BaseForm):
    """The password that a one-use link lets choose."""

    password = PasswordField("Nouveau mot de passe", [required("un mot de passe")])
