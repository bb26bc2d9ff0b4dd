"""The form every form inherits, its date in three boxes, and messages in French."""

from collections.abc import Callable
from datetime import date
from numbers import Number
from typing import Any, NamedTuple

from flask_wtf import FlaskForm
from wtforms import Field, Form, PasswordField, SelectMultipleField, StringField, ValidationError
from wtforms.meta import DefaultMeta
from wtforms.validators import StopValidation
from wtforms.widgets import CheckboxInput, ListWidget

from web.services.errors import Refused


class BaseForm(FlaskForm):
    """Trims every text, passwords excepted, before it is checked, and speaks French."""

    class Meta(FlaskForm.Meta):
        """Applied to every field of every form."""

        locales = ("fr",)

        def bind_field(self, form: Form, unbound: Any, options: dict[str, Any]) -> Field:
            """Add the trim filter, then bind as usual."""
            kind = unbound.field_class
            if issubclass(kind, StringField) and not issubclass(kind, PasswordField):
                options["filters"] = [*unbound.kwargs.get("filters", []), _trim]
            return unbound.bind(form=form, **options)

        def get_translations(self, form: Form) -> Any:
            """WTForms' own French; Flask-WTF would ask for Flask-Babel."""
            return DefaultMeta.get_translations(self, form)

    def mistakes(self) -> list[tuple[str, str]]:
        """(id of the control, message) for each error, in reading order; no id: the whole form."""
        found = [(_anchor(field), str(error)) for field in self for error in field.errors]
        return [*found, *(("", message) for message in self.form_errors)]

    def refuse(self, refused: Refused) -> None:
        """Show what a use case refused: at its field when it names one, else above the form."""
        field = self._fields.get(refused.field or "")
        if field is None:
            self.form_errors.append(str(refused))
        else:
            field.errors = [*field.errors, str(refused)]


class CheckboxesField(SelectMultipleField):
    """Several answers among a few, one box each."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class DateBoxes:
    """Marks a field that the `field` macro draws as three boxes."""


class Box(NamedTuple):
    """One of the three boxes of a date."""

    id: str
    label: str
    width: str
    autocomplete: str
    value: str


BOXES = (
    ("day", "Jour", "t-w-2"),
    ("month", "Mois", "t-w-2"),
    ("year", "Année", "t-w-4"),
)


class DateParts(Field):
    """A date typed as day, month and year; its data is a `date`, or None when left empty.

    The boxes are named `<name>-day`, `<name>-month` and `<name>-year`. `birthday=True` lets the
    browser fill them.
    """

    widget = DateBoxes()

    def __init__(self, *args: Any, birthday: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.birthday = birthday
        self.texts = ["", "", ""]

    @property
    def parts(self) -> list[Box]:
        """What the macro draws."""
        return [
            Box(f"{self.id}-{code}", label, width, f"bday-{code}" if self.birthday else "off", text)
            for (code, label, width), text in zip(BOXES, self.texts, strict=True)
        ]

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        """Read the three boxes, or the date of the object."""
        super().process(None, *args, **kwargs)
        if self.data:
            self.texts = [str(self.data.day), str(self.data.month), str(self.data.year)]
        names = [f"{self.name}-{code}" for code, *_ in BOXES]
        if formdata is not None and any(name in formdata for name in names):
            self.texts = [formdata.get(name, "").strip() for name in names]
            self.raw_data = [text for text in self.texts if text]
            self._read()

    def _read(self) -> None:
        self.data = None
        if not any(self.texts):
            return
        missing = [label for (_, label, _), text in zip(BOXES, self.texts, strict=True) if not text]
        typed = "/".join(self.texts)
        if missing:
            self.process_errors.append(f"Il manque : {', '.join(missing).lower()}.")
        elif not all(text.isascii() and text.isdigit() for text in self.texts):
            self.process_errors.append("La date s’écrit en chiffres, par exemple 27 3 2012.")
        elif len(self.texts[2]) != 4:
            self.process_errors.append("L’année s’écrit avec quatre chiffres.")
        else:
            day, month, year = (int(text) for text in self.texts)
            try:
                self.data = date(year, month, day)
            except ValueError:
                self.process_errors.append(f"Le {typed} n’existe pas.")

    def pre_validate(self, form: Form) -> None:
        """Keep the message about what was typed: later checks would replace it."""
        if self.process_errors:
            raise StopValidation


class _Required:
    """Refuses an empty answer; a zero is an answer."""

    def __init__(self, message: str) -> None:
        self.message = message
        self.field_flags = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        typed = any(str(text).strip() for text in field.raw_data or ())
        if typed and field.process_errors:
            raise StopValidation  # what was typed is wrong, not missing
        given = field.data if field.data is not False else None
        if not given and not isinstance(given, Number):
            field.errors[:] = []  # « choisissez » beats « ce n’est pas un choix »
            raise StopValidation(self.message)


def required(thing: str) -> _Required:
    """Refuse an empty answer by saying what is missing: required("le nom de l’élève")."""
    return _Required(f"Indiquez {thing}.")


def at_most(count: int) -> Callable[[Form, Field], None]:
    """Refuse a longer text in words; a `maxlength` would let the browser cut what is pasted."""

    def check(form: Form, field: Field) -> None:
        if field.data and len(field.data) > count:
            raise ValidationError(f"{count} caractères au plus.")

    return check


def at_least(count: int) -> Callable[[Form, Field], None]:
    """Refuse a shorter text in words."""

    def check(form: Form, field: Field) -> None:
        if field.data and len(field.data) < count:
            raise ValidationError(f"{count} caractères au moins.")

    return check


def required_choice(sentence: str) -> _Required:
    """Refuse an empty answer with a whole sentence: required_choice("Choisissez une classe.")."""
    return _Required(sentence)


def _trim(text: str | None) -> str | None:
    return text.strip() if text else text


def _anchor(field: Field) -> str:
    """The id of the first control of a field."""
    if hasattr(field, "parts"):  # drawn as several boxes
        return str(field.parts[0].id)
    if isinstance(field.widget, ListWidget):
        return f"{field.id}-0"
    return str(field.id)
