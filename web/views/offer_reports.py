"""Pages where an offer is reported, and where animators answer."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from models import (
    OfferReport,
    ReportKind,
    ReportState,
    Role,
    report_in_territory,
    reports_in_territory,
)
from web.clock import now
from web.db import db
from web.forms.offer_reports import ModerationForm, ReportForm
from web.permissions import me, only
from web.services.errors import Gone, Refused
from web.services.offer_reports import decide_report, offer_to_report, own_reports, report_offer

bp = Blueprint("offer_reports", __name__)
people = only(Role.PUPIL, Role.GUARDIAN, Role.SCHOOL, Role.TEACHER)
animators = only(Role.ANIMATOR)
DESK = "/animation/signalements"


@bp.get("/signalements/offres/<int:offer_id>")
@people
def report(offer_id: int) -> str:
    return _report_page(offer_id, ReportForm(formdata=None))


@bp.post("/signalements/offres/<int:offer_id>")
@people
def tell(offer_id: int) -> Any:
    form = ReportForm()
    if not form.validate():
        return _report_page(offer_id, form), 422
    kind = ReportKind(form.kind.data)  # type: ignore[call-arg]
    try:
        report_offer(db(), me(), offer_id, kind, form.text.data or "", now=now(db()))
    except Gone:
        raise
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _report_page(offer_id, form), 409
    flash("Signalement envoyé. Une personne le lit et répond sur cette page.", "ok")
    return redirect(url_for(".report", offer_id=offer_id))


@bp.get(DESK)
@animators
def desk() -> str:
    found = db().scalars(reports_in_territory(me().territory_id or 0)).all()
    return render_template("animator/reports.html", rows=found)


@bp.get(f"{DESK}/<int:report_id>")
@animators
def one(report_id: int) -> str:
    return _decision_page(_found(report_id), ModerationForm(formdata=None))


@bp.post(f"{DESK}/<int:report_id>")
@animators
def decide(report_id: int) -> Any:
    found, form = _found(report_id), ModerationForm()
    if not form.validate():
        return _decision_page(found, form), 422
    state = ReportState(form.state.data)  # type: ignore[call-arg]
    where, by = me().territory_id or 0, me().account_id
    try:
        decide_report(db(), report_id, where, state, form.answer.data, by=by, now=now(db()))
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _decision_page(_found(report_id), form), 409
    flash("Réponse donnée : la personne la lit sur la page de l’offre.", "ok")
    return redirect(url_for(".desk"))


def _found(report_id: int) -> OfferReport:
    return db().scalars(report_in_territory(report_id, me().territory_id or 0)).one()


def _report_page(offer_id: int, form: ReportForm) -> str:
    return render_template(
        "offer_report.html",
        offer=offer_to_report(db(), me(), offer_id),
        form=form,
        told=own_reports(db(), me(), offer_id),
    )


def _decision_page(found: OfferReport, form: ModerationForm) -> str:
    return render_template("animator/report.html", report=found, form=form)
