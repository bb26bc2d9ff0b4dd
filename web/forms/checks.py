"""Checks of French identifiers and contacts; each also writes the value its usual way."""

import re

from email_validator import EmailNotValidError, validate_email
from stdnum.exceptions import ValidationError as NotValid
from stdnum.fr import siret as siret_numbers
from wtforms import Field, Form, ValidationError

from web.services.directory import uai_is_valid

PHONE = re.compile(r"(?:\+33|0033|0)([1-9]\d{8})")


def siret(form: Form, field: Field) -> None:
    """14 digits and their key; La Poste's own rule included."""
    if not field.data:
        return
    digits = re.sub(r"[\s.\u202f\u00a0-]", "", field.data)
    if not re.fullmatch(r"[0-9]{14}", digits):
        raise ValidationError("Un numéro SIRET a 14 chiffres.")
    try:
        field.data = siret_numbers.validate(digits)
    except NotValid:
        message = "Ce numéro SIRET n’existe pas : un chiffre est faux. Vérifiez-le."
        raise ValidationError(message) from None


def uai(form: Form, field: Field) -> None:
    """Seven digits and the letter that follows from them."""
    if not field.data:
        return
    code = re.sub(r"\s", "", field.data).upper()
    if not re.fullmatch(r"[0-9]{7}[A-Z]", code):
        raise ValidationError("Un code UAI a sept chiffres et une lettre, par exemple 0440284V.")
    if not uai_is_valid(code):
        raise ValidationError(f"Le code UAI {code} n’existe pas : vérifiez-le.")
    field.data = code


def email(form: Form, field: Field) -> None:
    """A mail address that can exist; nothing is asked of the network."""
    if not field.data:
        return
    try:
        field.data = validate_email(field.data, check_deliverability=False).normalized
    except EmailNotValidError:
        raise ValidationError(_email_advice(field.data)) from None


def _email_advice(typed: str) -> str:
    name, at, domain = typed.partition("@")
    if not at:
        return "Il manque le signe @ et ce qui le suit."
    if not name or not domain:
        return f"Il manque la partie {'après' if name else 'avant'} @."
    return "Cette adresse n’est pas valable. Par exemple : prenom.nom@exemple.fr."


def phone(form: Form, field: Field) -> None:
    """A French number of ten digits, written 02 40 00 00 00."""
    if not field.data:
        return
    found = PHONE.fullmatch(re.sub(r"[\s.()\u202f\u00a0-]", "", field.data).replace("+330", "+33"))
    if not found:
        message = "Un numéro de téléphone a dix chiffres, par exemple 02 40 00 00 00."
        raise ValidationError(message)
    field.data = " ".join(re.findall("..", f"0{found[1]}"))


def contact(form: Form, field: Field) -> None:
    """A way to reach somebody: a number or an address, words around it allowed."""
    digits = sum(sign.isdigit() for sign in field.data or "")
    if field.data and digits < 9 and not re.search(r"\S@\S+\.\S", field.data):
        raise ValidationError("Il faut un numéro de téléphone, ou une adresse de courriel.")


def postcode(form: Form, field: Field) -> None:
    """Five digits."""
    if not field.data:
        return
    code = re.sub(r"\s", "", field.data)
    if not re.fullmatch(r"[0-9]{5}", code):
        raise ValidationError("Un code postal a cinq chiffres, par exemple 44000.")
    field.data = code
