"""Pages on which a school answers for what its families do: places found, refusals, reasons."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from models import Pupil, declined_in_school
from web.clock import now
from web.db import db
from web.forms.family import FoundForm, PaperNeedsForm, RefusalForm
from web.forms.phones import PhonesForm
from web.permissions import me
from web.services.answers import reason_label, validate_decline
from web.services.errors import Gone, Refused
from web.services.explanations import legal_answer
from web.services.found_places import (
    check_place,
    declare_place,
    places_found_in,
    refuse_place,
)
from web.services.needs_access import needs_of, save_needs
from web.services.phones import keep_phones as keep_phones_of
from web.services.results import result_of
from web.views.school_scope import followed, heads, own_pupil, school_id, team

Page = tuple[str, int]

bp = Blueprint("school_family", __name__, url_prefix="/college")


@bp.get("/stages-trouves")
@heads
def found():
    return _page()


@bp.post("/eleves/<int:pupil_id>/stage-trouve/verifier")
@heads
def check(pupil_id: int) -> Any:
    check_place(db(), pupil_id, school_id(), by=me().account_id, now=now(db()))
    flash("Stage vérifié : cet élève n’a plus besoin d’une place.", "ok")
    return redirect(url_for(".found"))


@bp.post("/eleves/<int:pupil_id>/stage-trouve/refuser")
@heads
def refuse(pupil_id: int) -> Any:
    form = RefusalForm()
    if not form.validate():
        return _page(form, pupil_id, 422)
    reason = form.reason.data
    refuse_place(db(), pupil_id, school_id(), reason, by=me().account_id, now=now(db()))
    flash("Stage non retenu : la famille lira pourquoi.", "ok")
    return redirect(url_for(".found"))


@bp.get("/eleves/<int:pupil_id>/stage-trouve")
@team
def declare_for(pupil_id: int):
    pupil = own_pupil(pupil_id)
    return _declare_page(pupil, FoundForm(formdata=None).offer_weeks(pupil.school_class.weeks))


@bp.post("/eleves/<int:pupil_id>/stage-trouve")
@team
def declare(pupil_id: int) -> Any:
    pupil = own_pupil(pupil_id)
    form = FoundForm().offer_weeks(pupil.school_class.weeks)
    if not form.validate():
        return _declare_page(pupil, form), 422
    try:
        declare_place(db(), pupil.id, form.found(), by=me().account_id, now=now(db()))
    except Gone:
        raise
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _declare_page(pupil, form), 409
    flash("Stage enregistré. La direction doit le vérifier.", "ok")
    return redirect(url_for("school.pupil", pupil_id=pupil_id))


@bp.post("/eleves/<int:pupil_id>/refus/valider")
@heads
def validate(pupil_id: int) -> Any:
    validate_decline(db(), pupil_id, school_id(), by=me().account_id, now=now(db()))
    flash("Raison reconnue.", "ok")
    return redirect(url_for(".found"))


@bp.get("/eleves/<int:pupil_id>/explication")
@team
def explanation(pupil_id: int):
    pupil = own_pupil(pupil_id)
    return render_template(
        "school/explanation.html",
        pupil=pupil,
        legal=legal_answer(db(), pupil),
        result=result_of(db(), pupil, now=now(db()), voice="vous"),
        say=lambda _tu, vous: vous,
    )


@bp.get("/eleves/<int:pupil_id>/besoins")
@heads
def needs(pupil_id: int) -> Page:
    pupil = own_pupil(pupil_id)
    kept = [need.value for need in needs_of(pupil)]
    form = PaperNeedsForm(formdata=None, data={"needs": kept})
    return _needs_page(pupil, form.offer_signers(pupil.guardians))


@bp.post("/eleves/<int:pupil_id>/besoins")
@heads
def keep_needs(pupil_id: int) -> Any:
    pupil = own_pupil(pupil_id)
    form = PaperNeedsForm().offer_signers(pupil.guardians)
    if not form.validate():
        return _needs_page(pupil, form, 422)
    try:
        save_needs(
            db(),
            pupil.id,
            form.chosen(),
            agreed=form.agreed.data,
            paper=form.paper(),
            by=me().account_id,
            now=now(db()),
        )
    except Gone:
        raise
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _needs_page(pupil, form, 409)
    flash("C’est enregistré." if form.chosen() else "Plus aucun besoin n’est gardé.", "ok")
    return redirect(url_for("school.pupil", pupil_id=pupil_id))


def _needs_page(pupil: Pupil, form: PaperNeedsForm, status: int = 200) -> Page:
    return render_template("school/needs.html", pupil=pupil, form=form), status


@bp.get("/eleves/<int:pupil_id>/telephones")
@team
def phones(pupil_id: int) -> Page:
    pupil = own_pupil(pupil_id)
    return _phones_page(pupil, PhonesForm.of(pupil, blank=True))


@bp.post("/eleves/<int:pupil_id>/telephones")
@team
def keep_phones(pupil_id: int) -> Any:
    pupil = own_pupil(pupil_id)
    form = PhonesForm.of(pupil)
    if not form.validate():
        return _phones_page(pupil, form, 422)
    try:
        keep_phones_of(
            db(),
            school_id(),
            pupil_id,
            form.numbers(),
            agreed=form.agreed.data,
            by=me().account_id,
            now=now(db()),
        )
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _phones_page(pupil, form, 409)
    flash("Numéros enregistrés.", "ok")
    return redirect(url_for("school.pupil", pupil_id=pupil_id))


def _phones_page(pupil: Pupil, form: PhonesForm, status: int = 200) -> Page:
    return render_template("school/phones.html", pupil=pupil, form=form), status


def _page(form: RefusalForm | None = None, wrong: int | None = None, status: int = 200) -> Page:
    campaign = followed().campaign
    rows = places_found_in(db(), school_id(), campaign.id) if campaign else []
    refused = db().scalars(declined_in_school(school_id(), campaign.id)).all() if campaign else []
    page = render_template(
        "school/found.html",
        rows=rows,
        declined=[(place, reason_label(place)) for place in refused],
        form=form or RefusalForm(formdata=None),
        wrong=wrong,
    )
    return page, status


def _declare_page(pupil: Pupil, form: FoundForm) -> str:
    return render_template(
        "school/found_new.html",
        pupil=pupil,
        form=form,
        action=url_for(".declare", pupil_id=pupil.id),
    )
