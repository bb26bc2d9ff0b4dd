"""Forms of the list of structures to ask for places."""

from typing import Any

from wtforms import SelectField, StringField, TextAreaField, ValidationError

from models import Prospect, ProspectSource, ProspectState, Sector
from web.forms.base import BaseForm, at_most, required
from web.forms.checks import email, phone
from web.forms.host import SECTORS
from web.services.prospects import Entry
from web.services.spelling import plain

SOURCES = {source.value: source.label for source in ProspectSource}
NO_SECTOR = {"": "Je ne sais pas encore"}
COLUMNS = ("nom", "commune", "courriel", "téléphone", "contact")

NAMES = {"nom", "structure", "nom de la structure", "entreprise", "raison sociale"}
COMMUNES = {"commune", "ville", "code postal", "commune ou code postal"}


class _Where(BaseForm):
    """What all the structures of one entry share."""

    source = SelectField("D’où vient ce contact ?", choices=SOURCES)
    sector = SelectField("Secteur", choices=NO_SECTOR)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sector.choices = {"Secteur": NO_SECTOR, **SECTORS}

    def shared(self) -> dict[str, Any]:
        """The source and the sector that were chosen."""
        sector = Sector(self.sector.data) if self.sector.data else None  # type: ignore[call-arg]
        source = ProspectSource(self.source.data)  # type: ignore[call-arg]
        return {"source": source, "sector": sector}


class ProspectForm(_Where):
    """One structure."""

    name = StringField("Nom de la structure", [required("le nom"), at_most(150)])
    commune = StringField("Commune ou code postal", [required("la commune"), at_most(80)])
    contact_name = StringField("Personne à contacter", [at_most(100)])
    email = StringField("Adresse électronique", [email, at_most(200)])
    phone = StringField("Téléphone", [phone])
    note = TextAreaField("Notes de suivi", [at_most(500)], render_kw={"rows": 3})
    state = SelectField("Où en est-on ?", choices={s.value: s.label for s in ProspectState})

    def show(self, known: Prospect) -> "ProspectForm":
        """Fill the form with what is known."""
        names = ("name", "commune", "contact_name", "email", "phone", "note")
        values: dict[str, Any] = {name: getattr(known, name) for name in names}
        values |= {
            "source": known.source.value,
            "state": known.state.value,
            "sector": known.sector.value if known.sector else "",
        }
        self.process(formdata=None, data=values)
        return self

    def entry(self) -> Entry:
        """What was typed."""
        return Entry(
            name=self.name.data,
            commune=self.commune.data,
            contact_name=self.contact_name.data or "",
            email=self.email.data or None,
            phone=self.phone.data or "",
            note=self.note.data or "",
            **self.shared(),
        )


class _Line(BaseForm):
    """One pasted line, checked as the form of one structure is."""

    name = StringField(validators=[required("le nom"), at_most(150)])
    commune = StringField(validators=[required("la commune"), at_most(80)])
    email = StringField(validators=[email, at_most(200)])
    phone = StringField(validators=[phone])
    contact_name = StringField(validators=[at_most(100)])


class LinesForm(_Where):
    """Several structures at once, pasted from a table: one a line."""

    lines = TextAreaField(
        "Une structure par ligne", [required("au moins une ligne")], render_kw={"rows": 8}
    )

    def validate_lines(self, field: TextAreaField) -> None:
        """Check each line as if it were typed alone; the first mistake names its line."""
        self.entries: list[Entry] = []
        for number, line in enumerate(_rows(field.data), start=1):
            cells = [cell.strip() for cell in line.replace("\t", ";").split(";")]
            if number == 1 and _are_titles(cells):
                continue
            if len(cells) > len(COLUMNS):
                raise ValidationError(
                    f"Ligne {number} : {len(cells)} colonnes, il en faut {len(COLUMNS)} au plus "
                    f"({', '.join(COLUMNS)})."
                )
            names = ("name", "commune", "email", "phone", "contact_name")
            one = _Line(formdata=None, data=dict(zip(names, cells, strict=False)), meta=NO_TOKEN)
            for part in one:
                part.raw_data = [part.data or ""]
            if not one.validate():
                _, said = one.mistakes()[0]
                raise ValidationError(f"Ligne {number} : {said}")
            self.entries.append(
                Entry(
                    name=one.name.data,
                    commune=one.commune.data,
                    email=one.email.data or None,
                    phone=one.phone.data or "",
                    contact_name=one.contact_name.data or "",
                    **self.shared(),
                )
            )
        if not self.entries:
            raise ValidationError("Il n’y a que des titres : ajoutez au moins une structure.")


def _are_titles(cells: list[str]) -> bool:
    """Whether a line is the titles of a table: « Nom », « Commune »."""
    return len(cells) > 1 and plain(cells[0]) in NAMES and plain(cells[1]) in COMMUNES


NO_TOKEN = {"csrf": False}
"""A line is part of a form that has a token already."""


def _rows(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip(" ;\t")]
