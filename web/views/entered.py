"""Offers that an animator or a head enters for a host, and the page where the host confirms."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from models import (
    EnteredOffer,
    Role,
    entered_by_author,
    entered_in_territory,
    offer_in_territory,
    weeks_of,
)
from web.clock import now
from web.db import db
from web.files import CSV, download
from web.forms.entered import ConfirmForm, EnteredForms
from web.permissions import me, only, public
from web.services.entered import (
    By,
    Call,
    confirm_by_link,
    correct_entered,
    disown_by_link,
    enter_offer,
    entered_of_link,
    record_call,
    to_correct,
)
from web.services.errors import Gone, Refused
from web.services.offer_drafts import check_posting
from web.services.platform_export import offers_csv, placements_csv
from web.services.seasons import needed_campaign

bp = Blueprint("entered", __name__)
enterers = only(Role.ANIMATOR, Role.SCHOOL)

Page = str | tuple[str, int]


@bp.get("/offres-saisies")
@enterers
def page() -> Page:
    viewer = me()
    if viewer.role is Role.ANIMATOR:
        found = db().scalars(entered_in_territory(viewer.territory_id or 0)).all()
    else:
        found = db().scalars(entered_by_author(viewer.account_id)).all()
    return render_template("entered/list.html", rows=found, closed=_closed())


def _closed() -> str:
    """Why no offer can be entered now, if so."""
    try:
        check_posting(db(), _territory(), now=now(db()))
    except Refused as refusal:
        return str(refusal)
    return ""


@bp.get("/offres-saisies/nouvelle")
@enterers
def new() -> Page:
    check_posting(db(), _territory(), now=now(db()))
    return _form_page(_forms(typed=False))


@bp.post("/offres-saisies/nouvelle")
@enterers
def add() -> Any:
    forms = _forms(typed=True)
    if not forms.validate():
        return _form_page(forms), 422
    try:
        call = forms.confirm.call()
        made = enter_offer(
            db(),
            By.person(me()),
            forms.entry(),
            call=call,
            form_key=(forms.activity.form_key.data or "")[:80] or None,
            now=now(db()),
        )
    except Refused as refused:
        db().rollback()
        forms.refuse(refused)
        return _form_page(forms), 409
    flash(f"Offre enregistrée. {_awaited(made)}", "ok")
    return redirect(url_for(".page"))


@bp.get("/offres-saisies/<int:entered_id>")
@enterers
def one(entered_id: int) -> Page:
    known = to_correct(db(), By.person(me()), entered_id)
    return _form_page(_forms(typed=False, known=known))


@bp.post("/offres-saisies/<int:entered_id>")
@enterers
def correct(entered_id: int) -> Any:
    by = By.person(me())
    forms = _forms(typed=True, known=to_correct(db(), by, entered_id))
    if not forms.validate():
        return _form_page(forms), 422
    try:
        call = forms.confirm.call()
        made = correct_entered(db(), by, entered_id, forms.entry(), call=call, now=now(db()))
    except Gone:
        raise
    except Refused as refused:
        db().rollback()
        forms.known = to_correct(db(), by, entered_id)
        forms.refuse(refused)
        return _form_page(forms), 409
    flash(f"Offre corrigée. {_awaited(made)}", "ok")
    return redirect(url_for(".page"))


@bp.post("/animation/offres/<int:offer_id>/appel")
@only(Role.ANIMATOR)
def call(offer_id: int) -> Any:
    db().scalars(offer_in_territory(offer_id, _territory())).one()
    form = ConfirmForm(prefix="c-")
    if not form.validate() or form.call_on.data is None:
        flash("Indiquez qui a dit oui, et la date de l’appel.", "warn")
        return redirect(url_for("animator.offer", offer_id=offer_id))
    noted = Call(form.call_with.data or "", form.call_on.data)
    try:
        record_call(db(), offer_id, _territory(), noted, by=me().account_id, now=now(db()))
    except Gone:
        raise
    except Refused as refused:
        db().rollback()
        flash(str(refused), "warn")
    else:
        flash("Appel noté : cette offre peut s’ouvrir.", "ok")
    return redirect(url_for("animator.offer", offer_id=offer_id))


@bp.get("/animation/exports/offres.csv")
@only(Role.ANIMATOR)
def offers_file() -> Any:
    made = offers_csv(db(), needed_campaign(db(), _territory()))
    return download(made, CSV, "offres.csv")


@bp.get("/animation/exports/eleves-et-places.csv")
@only(Role.ANIMATOR)
def places_file() -> Any:
    made = placements_csv(db(), needed_campaign(db(), _territory()))
    return download(made, CSV, "eleves-et-places.csv")


@bp.get("/structure/offre-a-confirmer/<int:entered_id>/<string:token>")
@public
def confirmation(entered_id: int, token: str) -> Page:
    found = entered_of_link(db(), entered_id, token)
    return render_template("entered/confirm.html", entered=found, offer=found.offer, token=token)


@bp.post("/structure/offre-a-confirmer/<int:entered_id>/<string:token>")
@public
def confirm(entered_id: int, token: str) -> Any:
    if "disown" in request.form:
        disown_by_link(db(), entered_id, token, now=now(db()))
    else:
        confirm_by_link(db(), entered_id, token, now=now(db()))
    return redirect(url_for(".confirmation", entered_id=entered_id, token=token))


def _territory() -> int:
    return By.person(me()).territory_id


def _awaited(made: EnteredOffer) -> str:
    if made.confirmed_at:
        return "La structure a confirmé au téléphone."
    return f"Un lien part à {made.offer.contact_email} pour confirmer."


def _forms(*, typed: bool, known: EnteredOffer | None = None) -> EnteredForms:
    campaign = needed_campaign(db(), _territory())
    mondays = [week.monday for week in db().scalars(weeks_of(campaign.id))]
    return EnteredForms(mondays, typed=typed, known=known)


def _form_page(forms: EnteredForms) -> str:
    return render_template("entered/new.html", forms=forms)
