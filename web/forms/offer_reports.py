"""Forms of reports about offers."""

from wtforms import RadioField, TextAreaField

from models import ReportKind, ReportState
from web.forms.base import BaseForm, at_most, required, required_choice


class ReportForm(BaseForm):
    """What is wrong with an offer."""

    kind = RadioField(
        "Qu’est-ce qui ne va pas ?",
        [required_choice("Choisissez ce qui ne va pas.")],
        choices={kind.value: kind.label for kind in ReportKind},
    )
    text = TextAreaField("Précisions", [at_most(500)], render_kw={"rows": 4})


class ModerationForm(BaseForm):
    """What an animator does with a report."""

    state = RadioField(
        "Décision",
        [required_choice("Choisissez une décision.")],
        choices={
            ReportState.KEPT.value: "Garder l’offre telle qu’elle est",
            ReportState.PAUSED.value: "La mettre en pause, le temps que la structure corrige",
            ReportState.WITHDRAWN.value: "La retirer : les élèves qui l’ont sont à replacer",
        },
    )
    answer = TextAreaField(
        "Réponse",
        [required("la réponse que la personne lira"), at_most(300)],
        render_kw={"rows": 4},
    )
