"""Pages on which a family answers, says what it found, asks why, and says what a pupil needs."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_login import current_user

from models import Guardian, Pupil, Role, campaign_by_id
from web.clock import now
from web.db import db
from web.forms.family import DeclineForm, FoundForm, NeedsForm, QuestionForm
from web.forms.phones import OwnPhoneForm
from web.permissions import me, only
from web.services.agenda import agenda_of
from web.services.answers import DeclineReason, accept_place, decline_place
from web.services.errors import Gone, Refused
from web.services.explanations import ask, asked_by_family, legal_answer
from web.services.found_places import (
    LIVE,
    can_give_up,
    declare_place,
    found_place,
    give_up_place,
)
from web.services.limits import room_of
from web.services.needs_access import needs_of, save_needs
from web.services.own_draw import own_draw
from web.services.phones import keep_phone as keep_phone_of
from web.services.results import result_of
from web.views.pupil import Child, acting_on, family, looked_at, same_child, shown, voice

Page = tuple[str, int]

bp = Blueprint("family", __name__, url_prefix="/eleve")
bp.url_defaults(same_child)
bp.context_processor(voice)


@bp.post("/resultat/<int:placement_id>/accepter")
@bp.post("/<int:pupil_id>/resultat/<int:placement_id>/accepter")
@family
def accept(placement_id: int, pupil_id: Child = None):
    pupil = acting_on(pupil_id)
    accept_place(db(), pupil.id, placement_id, by=current_user.id, now=now(db()))
    flash("C’est noté : la place est acceptée.", "ok")
    return redirect(url_for("pupil.result"))


@bp.post("/resultat/<int:placement_id>/refuser")
@bp.post("/<int:pupil_id>/resultat/<int:placement_id>/refuser")
@family
def decline(placement_id: int, pupil_id: Child = None) -> Any:
    pupil = acting_on(pupil_id)
    form = DeclineForm()
    if not form.validate():
        found = result_of(db(), pupil, now=now(db()))
        if found.place is None:
            raise Gone("Cette place n’est plus proposée.")
        return shown("pupil/result_placed.html", pupil, result=found, decline=form), 422
    reason, accepted = form.chosen(), request.form.get("seen") == "accepted"
    try:
        decline_place(
            db(),
            pupil.id,
            placement_id,
            reason,
            accepted=accepted,
            by=current_user.id,
            now=now(db()),
        )
    except Gone:
        raise
    except Refused as refused:
        db().rollback()
        flash(str(refused), "warn")
        return redirect(url_for("pupil.result"))
    flash("C’est noté : la place est refusée, elle ira à quelqu’un d’autre.", "ok")
    to = "family.found" if reason is DeclineReason.FOUND else "pupil.result"
    return redirect(url_for(to))


@bp.get("/resultat/agenda.ics")
@bp.get("/<int:pupil_id>/resultat/agenda.ics")
@family
def agenda(pupil_id: Child = None):
    pupil = looked_at(pupil_id)
    moment = now(db())
    place = result_of(db(), pupil, now=moment).place
    if place is None:
        raise Gone("Aucune place n’est attribuée.")
    headers = {"Content-Disposition": 'attachment; filename="stage-3e.ics"'}
    return Response(agenda_of(place, now=moment), mimetype="text/calendar", headers=headers)


@bp.get("/stage-trouve")
@bp.get("/<int:pupil_id>/stage-trouve")
@family
def found(pupil_id: Child = None):
    return _found_page(looked_at(pupil_id))


@bp.post("/stage-trouve")
@bp.post("/<int:pupil_id>/stage-trouve")
@family
def declare(pupil_id: Child = None) -> Any:
    pupil = acting_on(pupil_id)
    form = FoundForm().offer_weeks(pupil.school_class.weeks)
    if not form.validate():
        return _found_page(pupil, form, 422)
    try:
        declare_place(db(), pupil.id, form.found(), by=current_user.id, now=now(db()))
    except Refused as refused:
        form.refuse(refused)
        return _found_page(pupil, form, 409)
    flash("Le stage est enregistré. Le collège va le vérifier.", "ok")
    return redirect(url_for(".found"))


@bp.post("/stage-trouve/abandonner")
@bp.post("/<int:pupil_id>/stage-trouve/abandonner")
@family
def give_up(pupil_id: Child = None):
    pupil = acting_on(pupil_id)
    give_up_place(db(), pupil.id, by=current_user.id, now=now(db()))
    flash("Ce stage est abandonné. Les vœux comptent de nouveau.", "ok")
    return redirect(url_for("pupil.wishes"))


@bp.get("/resultat/explication")
@bp.get("/<int:pupil_id>/resultat/explication")
@family
def explanation(pupil_id: Child = None):
    return _explanation_page(looked_at(pupil_id))


@bp.post("/resultat/explication")
@bp.post("/<int:pupil_id>/resultat/explication")
@family
def ask_why(pupil_id: Child = None) -> Any:
    pupil = looked_at(pupil_id)
    form = QuestionForm()
    if not form.validate():
        return _explanation_page(pupil, form, 422)
    try:
        kind, text = form.wanted(), form.text.data
        asked = ask(db(), pupil, kind, text, by=current_user.id, now=now(db()))
    except Gone:
        raise
    except Refused as refused:
        form.refuse(refused)
        return _explanation_page(pupil, form, 409)
    flash(f"{asked.kind.label} : c’est envoyé. La réponse viendra ici.", "ok")
    return redirect(url_for(".explanation"))


@bp.get("/besoins")
@bp.get("/<int:pupil_id>/besoins")
@only(Role.GUARDIAN)
def needs(pupil_id: Child = None):
    pupil = looked_at(pupil_id)
    kept = [need.value for need in needs_of(pupil)]
    return _needs_page(pupil, NeedsForm(formdata=None, needs=kept, agreed=bool(kept)))


@bp.post("/besoins")
@bp.post("/<int:pupil_id>/besoins")
@only(Role.GUARDIAN)
def keep_needs(pupil_id: Child = None) -> Any:
    pupil = looked_at(pupil_id)
    form = NeedsForm()
    if not form.validate():
        return _needs_page(pupil, form, 422)
    try:
        save_needs(
            db(),
            pupil.id,
            form.chosen(),
            agreed=form.agreed.data,
            by=current_user.id,
            now=now(db()),
        )
    except Refused as refused:
        form.refuse(refused)
        return _needs_page(pupil, form, 409)
    flash("C’est enregistré." if form.chosen() else "Plus aucun besoin n’est gardé.", "ok")
    return redirect(url_for(".needs"))


@bp.get("/telephone")
@bp.get("/<int:pupil_id>/telephone")
@family
def phone(pupil_id: Child = None):
    return _phone_page(looked_at(pupil_id), OwnPhoneForm.of(_holder().phone))


@bp.post("/telephone")
@bp.post("/<int:pupil_id>/telephone")
@family
def keep_phone(pupil_id: Child = None) -> Any:
    pupil = looked_at(pupil_id)
    form = OwnPhoneForm()
    if not form.validate():
        return _phone_page(pupil, form, 422)
    number, agreed = form.number(), form.agreed.data
    try:
        keep_phone_of(db(), _holder(), number, agreed=agreed, by=current_user.id, now=now(db()))
    except Refused as refused:
        form.refuse(refused)
        return _phone_page(pupil, form, 409)
    flash("Le numéro est enregistré." if number else "Aucun numéro n’est gardé.", "ok")
    return redirect(url_for(".phone"))


def _holder() -> Pupil | Guardian:
    """Whose number it is: the person signed in."""
    person = me().guardian or me().pupil
    if person is None:
        raise Gone("Ce compte n’est celui d’aucune famille.")
    return person


def _phone_page(pupil: Pupil, form: OwnPhoneForm, status: int = 200) -> Page:
    guardian = me().guardian
    mailed = guardian.email if guardian else current_user.account.email
    return shown("pupil/phone.html", pupil, form=form, mailed=mailed), status


def _found_page(pupil: Pupil, form: FoundForm | None = None, status: int = 200) -> Page:
    moment = now(db())
    campaign = db().scalars(campaign_by_id(pupil.campaign_id)).one()
    last = found_place(db(), pupil.id)
    standing = last if last and last.state in LIVE else None
    may = standing is not None and can_give_up(standing, campaign.current_round, moment)
    typed = form or FoundForm(formdata=None).offer_weeks(pupil.school_class.weeks)
    page = shown(
        "pupil/found.html",
        pupil,
        form=typed,
        last=last,
        standing=standing,
        may_give_up=may,
        round=campaign.current_round,
    )
    return page, status


def _explanation_page(pupil: Pupil, form: QuestionForm | None = None, status: int = 200) -> Page:
    page = shown(
        "pupil/explanation.html",
        pupil,
        legal=legal_answer(db(), pupil),
        draw=own_draw(db(), pupil),
        asked=asked_by_family(db(), pupil.id),
        form=form or QuestionForm(formdata=None),
    )
    return page, status


def _needs_page(pupil: Pupil, form: NeedsForm, status: int = 200) -> Page:
    campaign = db().scalars(campaign_by_id(pupil.campaign_id)).one()
    room = room_of(db(), pupil, campaign)
    return shown("pupil/needs.html", pupil, form=form, possible=room.best), status
