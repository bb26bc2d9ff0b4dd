"""Pages on which animators answer what schools ask during the review."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from models import Objection, Role, Round
from web.clock import now
from web.db import db
from web.forms.animator import RefuseObjectionForm
from web.permissions import me, only
from web.services.errors import Gone, Refused
from web.services.objection_desk import REASONS, desk, objection_seen, together_now
from web.services.objection_desk import accept as accept_one
from web.services.objection_desk import refuse as refuse_one
from web.services.seasons import latest_campaign

bp = Blueprint("objections", __name__, url_prefix="/animation/relecture/demandes")
animators = only(Role.ANIMATOR)


@bp.get("")
@animators
def page() -> str:
    turn = _round()
    return render_template("animator/objections.html", turn=turn, desk=desk(db(), turn))


@bp.get("/<int:objection_id>")
@animators
def one(objection_id: int) -> str:
    return _page(_objection(objection_id), RefuseObjectionForm(formdata=None))


@bp.post("/<int:objection_id>/accepter")
@animators
def accept(objection_id: int) -> Any:
    chosen = request.form.get("pupil_id", type=int)
    by, at = me().account_id, now(db())
    accept_one(db(), objection_id, _territory(), pupil_id=chosen, by=by, now=at)
    flash("Demande acceptée. Le collège est prévenu.", "ok")
    return redirect(url_for(".page"))


@bp.post("/<int:objection_id>/refuser")
@animators
def refuse(objection_id: int) -> Any:
    form = RefuseObjectionForm()
    if not form.validate():
        return _page(_objection(objection_id), form), 422
    try:
        refuse_one(
            db(), objection_id, _territory(), form.answer.data, by=me().account_id, now=now(db())
        )
    except Gone:
        raise
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _page(_objection(objection_id), form), 409
    flash("Réponse envoyée au collège.", "ok")
    return redirect(url_for(".page"))


def _territory() -> int:
    return me().territory_id or 0


def _round() -> Round:
    campaign = latest_campaign(db(), _territory())
    if campaign is None:
        raise Gone("Aucune campagne.")
    return campaign.current_round


def _objection(objection_id: int) -> Objection:
    return objection_seen(db(), objection_id, _territory())


def _page(known: Objection, form: RefuseObjectionForm) -> str:
    turn = known.round
    return render_template(
        "animator/objection.html",
        one=known,
        turn=turn,
        reason=REASONS[known.kind],
        together=together_now(db(), turn, [known]).get(known.id, ()),
        form=form,
    )
