"""The form of a scenario: what it changes of the public rule."""

from wtforms import BooleanField, RadioField, StringField
from wtforms.validators import Length, NumberRange, Optional

from matching import POLICIES
from web.forms.base import BaseForm, required
from web.forms.host import WholeField
from web.services.freezing.scenario import Scenario

RULES = {
    code: f"{policy.name}. {policy.sentence}"
    for code, policy in POLICIES.items()
    if code != "keep_rest"
}
"""« Garder le reste » starts from a chosen run: the review offers it."""


class ScenarioForm(BaseForm):
    """Everything that a simulation may change; an empty field changes nothing."""

    scenario_name = StringField("Nom du scénario", [Length(max=60)])
    policy = RadioField("Règle", [required("une règle")], choices=RULES)
    reserve = WholeField(
        "Places réservées aux collèges REP+ et REP, en %",
        [Optional(), NumberRange(0, 100, "De 0 à 100 %%.")],
    )
    school_max = WholeField(
        "Élèves d’un même collège au plus", [Optional(), NumberRange(1, 50, "De 1 à 50 élèves.")]
    )
    limit_km = WholeField(
        "Distance au plus des autres places acceptées, en km",
        [Optional(), NumberRange(1, 100, "De 1 à 100 km.")],
    )
    completion = BooleanField("Donner aussi d’autres places acceptées", default=True)
    decisions = BooleanField("Tenir les décisions prises en relecture", default=True)

    def show(self, scenario: Scenario, policy: str, name: str = "") -> "ScenarioForm":
        """Fill the form with a scenario; `policy` is the campaign's own."""
        known = {name: getattr(scenario, name) for name in ("reserve", "school_max", "limit_km")}
        switches = {"completion": scenario.completion, "decisions": scenario.decisions}
        chosen = {"policy": scenario.policy or policy, "scenario_name": name}
        self.process(formdata=None, data={**known, **switches, **chosen})
        return self

    def scenario(self) -> Scenario:
        """What was asked."""
        return Scenario(
            policy=self.policy.data,
            reserve=self.reserve.data,
            school_max=self.school_max.data,
            limit_km=self.limit_km.data,
            completion=self.completion.data,
            decisions=self.decisions.data,
        )

    @staticmethod
    def sent(scenario: Scenario) -> dict[str, str]:
        """What a browser would send for this scenario, whose policy may be added."""
        fields = {"reserve": scenario.reserve, "school_max": scenario.school_max}
        given = {**fields, "limit_km": scenario.limit_km}
        switches = {"completion": scenario.completion, "decisions": scenario.decisions}
        texts = {name: str(value) for name, value in given.items() if value is not None}
        return {**texts, **{name: "y" for name, on in switches.items() if on}}
