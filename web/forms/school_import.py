"""Forms of the import of pupils: the list sent, then the columns and cells corrected."""

import re
from collections.abc import Mapping

from flask_wtf.file import FileField
from wtforms import TextAreaField, ValidationError

from web.forms.base import BaseForm

COLUMN = re.compile(r"column-(\d{1,3})")
FIX = re.compile(r"fix-(\d{1,7})-([a-z_]+)")


class ListForm(BaseForm):
    """A file, or a table pasted from a spreadsheet."""

    file = FileField("Fichier de votre logiciel")
    pasted = TextAreaField("Ou tableau collé")

    def validate_file(self, field: FileField) -> None:
        """One of the two, not both: which one would be read?"""
        if bool(field.data) and bool(self.pasted.data):
            raise ValidationError("Envoyez un fichier ou collez un tableau, pas les deux.")
        if not field.data and not self.pasted.data:
            raise ValidationError("Choisissez un fichier, ou collez un tableau ci-dessous.")


def chosen_columns(typed: Mapping[str, str]) -> dict[int, str]:
    """What each column is said to be, by its rank."""
    found = ((COLUMN.fullmatch(name), value) for name, value in typed.items())
    return {int(name[1]): value for name, value in found if name}


def corrected_cells(typed: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What was corrected, by line then by field."""
    fixes: dict[str, dict[str, str]] = {}
    for name, value in typed.items():
        if found := FIX.fullmatch(name):
            fixes.setdefault(found[1], {})[found[2]] = value
    return fixes
