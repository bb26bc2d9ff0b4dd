"""Where places lack, and whom to ask for some."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from models import Label, Prospect, ProspectState, Role
from web.clock import now
from web.db import db
from web.forms.prospecting import LinesForm, ProspectForm
from web.map import bubble_at, land_of, settled
from web.permissions import me, only, public
from web.services.errors import Gone, Refused
from web.services.figures import PRIORITY
from web.services.gaps import gaps
from web.services.prospects import (
    add_prospects,
    change_prospect,
    decline_invitations,
    invite_prospect,
    prospect_of_link,
    prospect_seen,
    prospects,
    remove_prospect,
)
from web.services.seasons import latest_campaign

bp = Blueprint("prospecting", __name__)
animators = only(Role.ANIMATOR)
HOME = "/animation/prospection"
SHOWN = {"": PRIORITY, "tous": tuple(Label), **{label.value: (label,) for label in PRIORITY}}

Page = str | tuple[str, int]


@bp.get(HOME)
@animators
def page() -> Page:
    campaign = latest_campaign(db(), me().territory_id or 0)
    if campaign is None:
        return render_template("animator/no_campaign.html")
    chosen = request.args.get("label", "")
    chosen = chosen if chosen in SHOWN else ""
    found = gaps(db(), campaign, SHOWN[chosen])
    land = land_of(campaign.territory.departement)
    lacking = [row for row in found.schools if row.gap.missing]
    bubbles = settled(
        [bubble_at(row.school, land, row.school.commune, row.gap.missing) for row in lacking]
    )
    return render_template(
        "animator/gaps.html",
        campaign=campaign,
        found=found,
        chosen=chosen,
        land=land,
        bubbles=bubbles,
        waiting=sum(1 for one in prospects(db(), campaign.territory_id) if not one.registered),
    )


@bp.get(f"{HOME}/structures")
@animators
def listed() -> Page:
    return render_template("animator/prospects.html", rows=prospects(db(), me().territory_id or 0))


@bp.get(f"{HOME}/structures/nouvelle")
@animators
def new() -> Page:
    return _form_page(ProspectForm(formdata=None))


@bp.post(f"{HOME}/structures/nouvelle")
@animators
def add() -> Any:
    form = ProspectForm()
    if not form.validate():
        return _form_page(form), 422
    try:
        add_prospects(db(), me(), [form.entry()], now=now(db()))
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _form_page(form), 409
    flash("Structure ajoutée.", "ok")
    return redirect(url_for(".listed"))


@bp.get(f"{HOME}/structures/coller")
@animators
def paste() -> Page:
    return render_template("animator/prospects_paste.html", form=LinesForm(formdata=None))


@bp.post(f"{HOME}/structures/coller")
@animators
def add_lines() -> Any:
    form = LinesForm()
    if not form.validate():
        return render_template("animator/prospects_paste.html", form=form), 422
    try:
        count = add_prospects(db(), me(), form.entries, now=now(db()))
    except Refused as refused:
        db().rollback()
        form.refuse(Refused(str(refused), "lines"))
        return render_template("animator/prospects_paste.html", form=form), 409
    flash(f"Structures ajoutées : {count}.", "ok")
    return redirect(url_for(".listed"))


@bp.get(f"{HOME}/structures/<int:prospect_id>")
@animators
def one(prospect_id: int) -> Page:
    known = prospect_seen(db(), me(), prospect_id)
    return _form_page(ProspectForm(formdata=None).show(known), known)


@bp.post(f"{HOME}/structures/<int:prospect_id>")
@animators
def save(prospect_id: int) -> Any:
    known, form = prospect_seen(db(), me(), prospect_id), ProspectForm()
    if not form.validate():
        return _form_page(form, known), 422
    state = ProspectState(form.state.data)  # type: ignore[call-arg]
    try:
        change_prospect(db(), me(), prospect_id, form.entry(), state, now=now(db()))
    except Gone:
        raise
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _form_page(form, prospect_seen(db(), me(), prospect_id)), 409
    flash("Structure mise à jour.", "ok")
    return redirect(url_for(".listed"))


@bp.post(f"{HOME}/structures/<int:prospect_id>/invitation")
@animators
def invite(prospect_id: int) -> Any:
    try:
        made = invite_prospect(db(), me(), prospect_id, now=now(db()))
    except Gone:
        raise
    except Refused as refused:
        db().rollback()
        flash(str(refused), "warn")
    else:
        flash(f"L’invitation part à {made.email}.", "ok")
    return redirect(url_for(".one", prospect_id=prospect_id))


@bp.post(f"{HOME}/structures/<int:prospect_id>/retrait")
@animators
def remove(prospect_id: int) -> Any:
    remove_prospect(db(), me(), prospect_id)
    flash("Structure retirée de la liste.", "ok")
    return redirect(url_for(".listed"))


@bp.get("/structure/invitation/<int:prospect_id>/<string:token>")
@public
def stop(prospect_id: int, token: str) -> Page:
    found = prospect_of_link(db(), prospect_id, token)
    return render_template("host/stop_invitations.html", prospect=found, token=token)


@bp.post("/structure/invitation/<int:prospect_id>/<string:token>")
@public
def confirm_stop(prospect_id: int, token: str) -> Any:
    decline_invitations(db(), prospect_id, token, now=now(db()))
    return redirect(url_for(".stop", prospect_id=prospect_id, token=token))


def _form_page(form: ProspectForm, known: Prospect | None = None) -> str:
    return render_template("animator/prospect.html", form=form, known=known)
