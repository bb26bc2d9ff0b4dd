"""The form that lets in an animator or an overseer."""

from wtforms import EmailField, SelectField, StringField
from wtforms.validators import Length

from models import Network, Role
from web.forms.base import BaseForm, required
from web.forms.checks import email

ROLES = (Role.OVERSEER, Role.ANIMATOR)


class StaffForm(BaseForm):
    """Somebody who will see the whole territory."""

    name = StringField(
        "Prénom et nom",
        [required("un nom"), Length(max=120, message="120 caractères au plus.")],
    )
    email = EmailField("Adresse électronique", [required("une adresse électronique"), email])
    role = SelectField("Rôle", choices={role.value: role.label for role in ROLES})
    network = SelectField(
        "Réseau",
        choices={"": "Aucun"} | {one.value: one.label for one in Network},
    )
