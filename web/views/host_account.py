"""A host's own page: its sites, what its agreements need, its team."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from models import Role, host_colleague
from web.clock import now
from web.db import db
from web.forms.host_account import DetailsForm, MailForm, MemberForm
from web.permissions import me, only
from web.services.errors import Refused
from web.services.host_account import (
    choose_mail,
    invite_to_host,
    invite_to_host_again,
    remove_from_host,
    save_details,
    team,
)
from web.views.host import Page, own_host, own_id

bp = Blueprint("host_account", __name__, url_prefix="/structure/compte")


@bp.get("")
@only(Role.HOST)
def page() -> Page:
    host = own_host()
    form = DetailsForm(formdata=None, obj=host)
    form.ministry.data = host.ministry.value if host.ministry else ""
    return _page(form.of(host.kind))


@bp.post("")
@only(Role.HOST)
def save() -> Any:
    form = DetailsForm().of(own_host().kind)
    if not form.validate():
        return _page(form, 422)
    try:
        save_details(db(), own_id(), form.details(), by=me().account_id, now=now(db()))
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _page(form, 409)
    flash("C’est enregistré.", "ok")
    return redirect(url_for(".page"))


@bp.get("/equipe")
@only(Role.HOST)
def people() -> Page:
    return _team_page(MemberForm(formdata=None))


@bp.post("/equipe")
@only(Role.HOST)
def invite() -> Any:
    form = MemberForm()
    if not form.validate():
        return _team_page(form, 422)
    try:
        invite_to_host(
            db(), own_id(), form.email.data, form.name.data, by=me().account_id, now=now(db())
        )
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _team_page(form, 409)
    flash(f"Invitation envoyée à {form.email.data}. Son lien sert 48 heures.", "ok")
    return redirect(url_for(".people"))


@bp.post("/equipe/<int:membership_id>/relancer")
@only(Role.HOST)
def again(membership_id: int) -> Any:
    by, at = me().account_id, now(db())
    sent = invite_to_host_again(db(), own_id(), membership_id, by=by, now=at)
    flash(f"Nouveau lien envoyé à {sent.account.email}. L’ancien ne sert plus.", "ok")
    return redirect(url_for(".people"))


@bp.post("/equipe/<int:membership_id>/retirer")
@only(Role.HOST)
def remove(membership_id: int) -> Any:
    remove_from_host(db(), own_id(), membership_id, by=me().account_id, now=now(db()))
    flash("Cette personne ne fait plus partie de l’équipe.", "ok")
    return redirect(url_for(".people"))


@bp.get("/equipe/<int:membership_id>/messages")
@only(Role.HOST)
def mail(membership_id: int) -> Page:
    sites = own_host().sites
    muted = next((t.muted for t in team(db(), own_id()) if t.membership.id == membership_id), ())
    form = MailForm(formdata=None, data={"sites": [s.id for s in sites if s.id not in muted]})
    return _mail_page(form, membership_id)


@bp.post("/equipe/<int:membership_id>/messages")
@only(Role.HOST)
def save_mail(membership_id: int) -> Any:
    form = MailForm().offer_sites(own_host().sites)
    if not form.validate():
        return _mail_page(form, membership_id, 422)
    chosen = form.sites.data or []
    try:
        choose_mail(db(), own_id(), membership_id, chosen, by=me().account_id, now=now(db()))
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _mail_page(form, membership_id, 409)
    flash("Choix enregistré.", "ok")
    return redirect(url_for(".people"))


def _page(form: DetailsForm, status: int = 200) -> Page:
    return render_template("host/account.html", form=form, host=own_host()), status


def _team_page(form: MemberForm, status: int = 200) -> Page:
    return render_template(
        "host/team.html", form=form, members=team(db(), own_id()), host=own_host()
    ), status


def _mail_page(form: MailForm, membership_id: int, status: int = 200) -> Page:
    person = db().scalars(host_colleague(membership_id, own_id())).one()
    form.offer_sites(own_host().sites)
    return render_template("host/team_mail.html", form=form, person=person), status
