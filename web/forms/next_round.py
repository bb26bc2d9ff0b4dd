"""The form of a complementary round."""

from dataclasses import replace

from web.forms.animator import LABELS, DatesForm
from web.services.dates import Dates


class NextRoundForm(DatesForm):
    """The dates of a complementary round: hosts may post until its wishes close."""

    offers_close_at = None
    offers_close_at_hour = None

    def dates(self, before: Dates) -> Dates:
        """What was typed, on a French clock; an untouched hour keeps its minutes."""
        typed = {name: self._moment(name, getattr(before, name)) for name in LABELS if name in self}
        return replace(before, **typed)
