"""Pages on which animators decide in place of the computation, and run it again."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from models import Role, Round, Run, assignments_of_pupils
from web.clock import now
from web.db import db
from web.forms.decisions import DecisionForm, MotiveForm
from web.permissions import me, only
from web.services import decisions
from web.services.adjust import base_run, changes, pending, request_adjusted
from web.services.errors import Gone, Refused
from web.services.openings import Opening, named_like
from web.services.price import price_of
from web.services.review import pupil_file, run_seen
from web.services.seasons import latest_campaign

bp = Blueprint("decisions", __name__, url_prefix="/animation")
animators = only(Role.ANIMATOR)
MANY = 60
"""How many pupils one page lets tick."""


@bp.get("/decisions")
@animators
def page() -> str:
    turn = _round()
    return render_template(
        "animator/decisions.html",
        turn=turn,
        acts=decisions.standing(db(), turn),
        pending=pending(db(), turn),
        open=turn.state in decisions.OPEN,
    )


@bp.post("/decisions/<int:decision_id>/lever")
@animators
def lift(decision_id: int) -> Any:
    decisions.lift(db(), decision_id, _territory(), by=me().account_id, now=now(db()))
    flash("Décision levée.", "ok")
    return redirect(url_for(".page"))


@bp.get("/relecture/<int:run_id>/eleves/<int:pupil_id>")
@animators
def pupil(run_id: int, pupil_id: int) -> str:
    return _pupil_page(_run(run_id), pupil_id, None)


@bp.post("/relecture/<int:run_id>/eleves/<int:pupil_id>")
@animators
def decide(run_id: int, pupil_id: int) -> Any:
    run = _run(run_id)
    form = _decision_form(run, pupil_id, DecisionForm())
    if not form.validate():
        return _pupil_page(run, pupil_id, form), 422
    try:
        decisions.decide(
            db(),
            run.id,
            _territory(),
            pupil_id,
            form.choice(),
            by=me().account_id,
            now=now(db()),
        )
    except Gone:
        raise
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _pupil_page(_run(run_id), pupil_id, form), 409
    flash("Décision enregistrée. Le prochain calcul en tiendra compte.", "ok")
    return redirect(url_for(".pupil", run_id=run_id, pupil_id=pupil_id))


@bp.get("/relecture/<int:run_id>/garder")
@animators
def keep(run_id: int) -> str:
    return _keep_page(_run(run_id), MotiveForm(formdata=None))


@bp.post("/relecture/<int:run_id>/garder")
@animators
def keep_these(run_id: int) -> Any:
    form = MotiveForm()
    if not form.validate():
        return _keep_page(_run(run_id), form), 422
    try:
        kept = decisions.keep_places(
            db(),
            run_id,
            _territory(),
            _ticked(),
            form.reason.data or "",
            by=me().account_id,
            now=now(db()),
        )
    except Gone:
        raise
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _keep_page(_run(run_id), form), 409
    flash(f"{kept} places gardées." if kept > 1 else "Une place gardée.", "ok")
    return redirect(url_for(".page"))


@bp.post("/tours/<int:round_id>/recalcul")
@animators
def recompute(round_id: int) -> Any:
    turn = _round()
    if turn.id != round_id:
        raise Gone("Ce tour n’existe pas.")
    run = request_adjusted(db(), turn.id, by=me().account_id, now=now(db()))
    return redirect(url_for("animator.run", run_id=run.id))


@bp.get("/calculs/<int:run_id>/changements")
@animators
def changed(run_id: int) -> str:
    run = _run(run_id)
    base = base_run(db(), run)
    if base is None:
        raise Gone("Ce calcul ne part d’aucun autre.")
    return render_template(
        "animator/changes.html",
        run=run,
        base=base,
        turn=run.round,
        schools=changes(db(), run, base),
    )


def _territory() -> int:
    return me().territory_id or 0


def _round() -> Round:
    campaign = latest_campaign(db(), _territory())
    if campaign is None:
        raise Gone("Aucune campagne.")
    return campaign.current_round


def _run(run_id: int) -> Run:
    return run_seen(db(), run_id, _territory())


def _decision_form(run: Run, pupil_id: int, form: DecisionForm) -> DecisionForm:
    given = db().scalars(assignments_of_pupils(run.id, [pupil_id])).first()
    if given is None:
        raise Gone("Cet élève n’est pas dans ce calcul.")
    return form.offer(_places(run, pupil_id), given.offer_week_id)


def _places(run: Run, pupil_id: int) -> list[Opening]:
    found = decisions.possible_places(db(), run, pupil_id)
    return named_like(found, words) if (words := _words()) else found


def _words() -> str:
    return request.args.get("offre", "").strip()


def _pupil_page(run: Run, pupil_id: int, form: DecisionForm | None) -> str:
    file = pupil_file(db(), run, pupil_id)
    may = run.round.state in decisions.OPEN
    if may and form is None:
        form = _decision_form(run, pupil_id, DecisionForm(formdata=None))
    priced = request.args.get("prix", type=int)
    mine = [act for act in decisions.standing(db(), run.round) if act[0].pupil_id == pupil_id]
    return render_template(
        "animator/review_pupil.html",
        run=run,
        file=file,
        acts=mine,
        form=form if may else None,
        words=_words(),
        priced=priced,
        price=price_of(db(), run.id, pupil_id, priced) if priced else (),
    )


def _ticked() -> list[int]:
    return request.values.getlist("eleve", type=int)[:MANY]


def _keep_page(run: Run, form: MotiveForm) -> str:
    found = db().scalars(assignments_of_pupils(run.id, _ticked())).all()
    return render_template("animator/keep.html", run=run, found=found, form=form)
