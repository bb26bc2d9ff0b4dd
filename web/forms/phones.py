"""Forms of the mobile numbers that SMS go to."""

from typing import Any

from wtforms import BooleanField, Field, Form, StringField, ValidationError

from models import Guardian, Pupil
from web.forms.base import BaseForm
from web.services.phones import mobile_number, read_number

MOBILE = {"inputmode": "tel", "type": "tel"}


def mobile(form: Form, field: Field) -> None:
    """A French mobile: an SMS reaches nothing else."""
    if field.data and mobile_number(field.data) is None:
        raise ValidationError(
            "Un SMS arrive sur un mobile français : dix chiffres qui commencent par 06 ou 07."
        )


class OwnPhoneForm(BaseForm):
    """The number of whoever is signed in."""

    phone = StringField("Numéro de mobile", [mobile], render_kw=MOBILE | {"autocomplete": "tel"})
    agreed = BooleanField(
        "J’accepte de recevoir des SMS de ce service : le résultat et les rappels, quelques-uns "
        "dans l’année. Jamais de publicité."
    )

    @classmethod
    def of(cls, known: str | None) -> "OwnPhoneForm":
        """The form as the number is now."""
        return cls(formdata=None, data={"phone": read_number(known), "agreed": bool(known)})

    def number(self) -> str | None:
        """What was typed, as it is stored."""
        return mobile_number(self.phone.data or "")


class PhonesForm(BaseForm):
    """The numbers of a pupil and of her guardians, typed by the school."""

    agreed = BooleanField(
        "Chaque personne dont j’écris le numéro accepte de recevoir ces SMS : le résultat et les "
        "rappels, quelques-uns dans l’année."
    )
    holders: dict[str, Pupil | Guardian]

    @classmethod
    def of(cls, pupil: Pupil, *, blank: bool = False) -> "PhonesForm":
        """A box for each person; `blank` shows what is known, else what was sent."""
        holders: dict[str, Pupil | Guardian] = {"pupil": pupil}
        holders |= {f"guardian_{one.id}": one for one in pupil.guardians}
        off = MOBILE | {"autocomplete": "off"}
        boxes = {
            name: StringField(f"Mobile de {_who(one)}", [mobile], render_kw=off)
            for name, one in holders.items()
        }
        made = type(cls.__name__, (cls,), boxes)
        known: dict[str, Any] = {name: read_number(one.phone) for name, one in holders.items()}
        form: PhonesForm = made(formdata=None, data=known) if blank else made()
        form.holders = holders
        return form

    @property
    def boxes(self) -> list[Field]:
        """The box of each person."""
        return [self._fields[name] for name in self.holders]

    def numbers(self) -> dict[int | None, str | None]:
        """What was typed, by guardian; the pupil's is under None."""
        return {
            one.id if isinstance(one, Guardian) else None: mobile_number(box.data or "")
            for box, one in zip(self.boxes, self.holders.values(), strict=True)
        }


def _who(one: Pupil | Guardian) -> str:
    return one.full_name if isinstance(one, Pupil) else one.name
