"""Pages where animators try other rules, set runs side by side, export and verify them."""

from collections.abc import Collection, Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for

from matching import policy_named
from models import Campaign, Role, Round, Run, RunState, round_in_territory, runs_of_round
from web.clock import now
from web.db import db
from web.files import download
from web.forms.scenarios import ScenarioForm
from web.permissions import me, only
from web.services.comparison import (
    MARKS,
    YARDSTICK,
    Comparison,
    comparable,
    run_name,
)
from web.services.comparison import (
    compare as comparison,
)
from web.services.comparison import (
    compare_school as school_comparison,
)
from web.services.errors import Gone, Refused
from web.services.figures import figures_of
from web.services.freeze import LABELS
from web.services.freezing.scenario import PUBLIC, Scenario
from web.services.review import run_seen
from web.services.rounds import COMPUTING, shown_seed
from web.services.run_files import run_file
from web.services.runs import request_run
from web.services.seasons import latest_campaign
from web.services.stages import CLOSED
from web.services.verification import checks_of, proved

Page = str | tuple[str, int]

bp = Blueprint("scenarios", __name__, url_prefix="/animation")
animators = only(Role.ANIMATOR)
NPZ = "application/octet-stream"


def _territory() -> int:
    return me().territory_id or 0


def _campaign() -> Campaign:
    campaign = latest_campaign(db(), _territory())
    if campaign is None:
        raise Gone("Aucune campagne.")
    return campaign


def runs_page(turn: Round, ticked: Collection[int] = (), refusal: str = "") -> str:
    """The runs of a round, with a box to set some side by side."""
    found = db().scalars(runs_of_round(turn.id)).all()
    ready = comparable(found)
    return render_template(
        "animator/runs.html",
        turn=turn,
        runs=found,
        figures={run.id: figures_of(run) for run in found},
        names={run.id: run_name(run) for run in found},
        comparable={run.id for run in ready},
        ticked=ticked or _usual(turn, ready),
        refusal=refusal,
        open=turn.state in COMPUTING,
    )


def _usual(turn: Round, runs: Sequence[Run]) -> set[int]:
    """The runs that a first look compares: the one that is chosen, and the latest others."""
    first = sorted(runs, key=lambda run: run.id != turn.selected_run_id)
    return {run.id for run in first[: len(MARKS)]} if len(runs) > 1 else set()


@bp.get("/calculs/nouveau")
@animators
def new() -> Page:
    turn = _campaign().current_round
    copied = request.args.get("de", type=int)
    scenario, name = PUBLIC, ""
    if copied is not None:
        run = run_seen(db(), copied, _territory())
        scenario, name = Scenario.from_json(run.scenario), run.name
    form = ScenarioForm(formdata=None).show(scenario, turn.campaign.policy, name)
    return _form_page(turn, form)


@bp.post("/tours/<int:round_id>/scenarios")
@animators
def create(round_id: int) -> Any:
    turn = db().scalars(round_in_territory(round_id, _territory())).one()
    form = ScenarioForm()
    if not form.validate():
        return _form_page(turn, form), 422
    try:
        run = request_run(
            db(),
            turn.id,
            by=me().account_id,
            now=now(db()),
            scenario=form.scenario(),
            name=form.scenario_name.data or "",
        )
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        turn = db().scalars(round_in_territory(round_id, _territory())).one()
        return _form_page(turn, form), 409
    return redirect(url_for("animator.run", run_id=run.id))


def _form_page(turn: Round, form: ScenarioForm) -> str:
    if turn.state not in COMPUTING:
        raise Refused("Un scénario se calcule entre l’ouverture des vœux et la publication.")
    return render_template("animator/scenario.html", turn=turn, form=form)


def _asked() -> list[int]:
    """The runs of the address; what is no row number of a database is left out."""
    typed = request.args.getlist("calcul")[:50]
    return [int(text) for text in typed if text.isdecimal() and len(text) < 10]


@bp.get("/calculs/comparer")
@animators
def compare() -> Page:
    try:
        found = comparison(db(), _asked(), _territory())
    except Gone:
        raise
    except Refused as refused:
        return runs_page(_campaign().current_round, _asked(), str(refused)), 422
    runs = [column.run for column in found.columns]
    return render_template(
        "animator/compare.html",
        found=found,
        yardstick=_yardstick(found),
        checks={run.id: checks_of(run) for run in runs},
        proved={run.id: proved(run) for run in runs},
        seeds={run.id: shown_seed(run) for run in runs},
        open=found.of_round.state in CLOSED,
    )


def _yardstick(found: Comparison) -> dict[str, str]:
    """The fields that ask for the yardstick of the first run; none where it cannot be had."""
    first = found.first
    if found.of_round.state not in COMPUTING or first.yardstick:
        return {}
    fields = {**ScenarioForm.sent(first.scenario), "policy": YARDSTICK}
    return {**fields, "scenario_name": f"Étalon du calcul {first.run.id}"}


@bp.get("/calculs/comparer/colleges/<int:school_id>")
@animators
def compare_school(school_id: int) -> Page:
    found = comparison(db(), _asked(), _territory())
    against = request.args.get("avec", "")
    of_school = school_comparison(db(), found, school_id, against)
    pairs = [
        (f"A et {one.mark}", _pair(found, school_id, one.mark), one is of_school.against, "")
        for one in found.others
    ]
    return render_template(
        "animator/compare_school.html", found=found, of_school=of_school, pairs=pairs
    )


def _pair(found: Comparison, school_id: int, mark: str) -> str:
    values = {"school_id": school_id, "calcul": found.ids, "avec": mark}
    return url_for(".compare_school", **values, _anchor="changements")


@bp.get("/calculs/<int:run_id>/verification")
@animators
def report(run_id: int) -> Page:
    run = run_seen(db(), run_id, _territory())
    policy, figures = policy_named(run.policy), figures_of(run)
    values = [int(value) for value in run.proof.get("objective", [])]
    computed = sum(part["pupils"] for part in run.proof.get("parts", []))
    return render_template(
        "animator/verification.html",
        run=run,
        name=run_name(run),
        checks=checks_of(run) if run.state is RunState.DONE else [],
        policy=policy,
        criteria=[
            (criterion, value)
            for criterion, value in zip(policy.criteria, values, strict=False)
            if criterion.tier is None or criterion.tier in LABELS
        ],
        kept=figures.total.pupils - computed if figures else 0,
        proved=proved(run),
        seed=shown_seed(run),
    )


@bp.get("/calculs/<int:run_id>/fichier.npz")
@animators
def export(run_id: int) -> Any:
    run = run_seen(db(), run_id, _territory())
    return download(run_file(db(), run.id), NPZ, f"calcul-{run.id}.npz")
