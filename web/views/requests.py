"""Pages on which animators answer the questions and appeals of families."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from models import ExplanationRequest, Role, request_in_territory
from web.clock import now
from web.db import db
from web.forms.family import AnswerForm
from web.permissions import me, only
from web.services.errors import Gone, Refused
from web.services.explanations import answer, asked_in_territory, legal_answer

bp = Blueprint("requests", __name__, url_prefix="/animation/demandes")
animators = only(Role.ANIMATOR)


@bp.get("")
@animators
def page() -> str:
    return render_template("animator/requests.html", asked=asked_in_territory(db(), _territory()))


@bp.get("/<int:request_id>")
@animators
def one(request_id: int) -> str:
    return _page(_request(request_id), AnswerForm(formdata=None))


@bp.post("/<int:request_id>")
@animators
def reply(request_id: int) -> Any:
    form = AnswerForm()
    if not form.validate():
        return _page(_request(request_id), form), 422
    try:
        text = form.text.data
        answer(db(), request_id, _territory(), text, by=me().account_id, now=now(db()))
    except Gone:
        raise
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _page(_request(request_id), form), 409
    flash("Réponse donnée : la famille la lit dans son espace.", "ok")
    return redirect(url_for(".page"))


def _page(asked: ExplanationRequest, form: AnswerForm) -> str:
    legal = legal_answer(db(), asked.pupil)
    return render_template("animator/request.html", asked=asked, form=form, legal=legal)


def _request(request_id: int) -> ExplanationRequest:
    return db().scalars(request_in_territory(request_id, _territory())).one()


def _territory() -> int:
    territory_id = me().territory_id
    if territory_id is None:
        raise Gone("Ce compte n’anime aucun territoire.")
    return territory_id
