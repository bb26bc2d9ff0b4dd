"""Forms after the publication: a place given by hand, what a host says is wrong."""

from collections.abc import Sequence

from wtforms import BooleanField, RadioField, TextAreaField
from wtforms.validators import Length

from models import ProblemKind
from web.format import km, plural, week
from web.forms.base import BaseForm, required, required_choice
from web.services.decisions import LONGEST as LONGEST_MOTIVE
from web.services.openings import Opening
from web.services.place_problems import LONGEST, Told
from web.services.replacing import Gift

SHOWN = 30
MOTIVE = "Une place encore libre, proposée après la publication."


class GiftForm(BaseForm):
    """A free place for one pupil, the best first."""

    place = RadioField("Place", [required_choice("Choisissez une place.")])
    agreed = BooleanField("La famille et le collège sont d’accord pour une place au-delà")
    reason = TextAreaField(
        "Motif", [required("le motif"), Length(max=LONGEST_MOTIVE)], default=MOTIVE
    )

    def offer(self, openings: Sequence[Opening]) -> "GiftForm":
        """List the nearest places; the first one is ready to be given."""
        self.place.choices = [(str(one.place.id), _named(one)) for one in openings[:SHOWN]]
        if openings and self.place.data is None:
            self.place.data = str(openings[0].place.id)
        return self

    def gift(self) -> Gift:
        """What was chosen, as the use case takes it."""
        return Gift(int(self.place.data), self.reason.data or "", agreed=bool(self.agreed.data))


def _named(one: Opening) -> str:
    why = f"vœu {one.rank}" if one.rank else "dans les limites" if one.accepted else "au-delà"
    site = one.offer.site
    left = plural(one.left, "place libre", "places libres")
    return (
        f"{one.offer.title} ({why}) : {site.host.name}, {site.commune}, {km(one.metres)}, "
        f"{week(one.place.week.monday, year=False)}, {left}"
    )


class ProblemForm(BaseForm):
    """What a host tells of a place."""

    kind = RadioField(
        "Que se passe-t-il ?",
        [required_choice("Choisissez ce qui se passe.")],
        choices={kind.value: kind.label for kind in ProblemKind},
    )
    detail = TextAreaField("Précisions", [Length(max=LONGEST)])

    def told(self) -> Told:
        """What was said, as the use case takes it."""
        return Told(ProblemKind(self.kind.data), self.detail.data or "")
