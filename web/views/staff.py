"""The people who see the whole territory: who they are, letting one in, a phone that is lost."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models import Network, Role, staff_of
from web.clock import now
from web.db import db
from web.forms.staff import StaffForm
from web.permissions import me, only
from web.services.errors import Gone, Refused
from web.services.seasons import latest_campaign
from web.services.second_step import is_set_up, reset_by_colleague
from web.services.staff import Staff, create_account, withdraw_role
from web.services.two_people import decide_by_two

bp = Blueprint("staff", __name__, url_prefix="/animation/equipe")
animators = only(Role.ANIMATOR)

Page = str | Response | tuple[str, int]


@bp.get("")
@animators
def page() -> Page:
    return _page(StaffForm(formdata=None))


@bp.post("")
@animators
def invite() -> Page:
    form = StaffForm()
    if not form.validate():
        return _page(form, 422)
    entry = Staff(
        form.email.data,
        form.name.data,
        Role(form.role.data),
        departement=_departement(),
        network=Network(form.network.data) if form.network.data else None,
    )
    try:
        create_account(db(), entry, by=me().account_id, now=now(db()))
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _page(form, 409)
    flash(f"Un lien qui sert une fois part à {form.email.data}.", "ok")
    return redirect(url_for(".page"))


@bp.post("/<int:membership_id>/telephone-perdu")
@animators
def forget_phone(membership_id: int) -> Page:
    held = reset_by_colleague(db(), _territory(), membership_id, by=me().account_id, now=now(db()))
    flash(
        f"Le téléphone de {held.account.name} est oublié, ses sessions sont fermées. "
        "La prochaine connexion en enregistrera un autre.",
        "ok",
    )
    return redirect(url_for(".page"))


@bp.post("/<int:membership_id>/retirer")
@animators
def withdraw(membership_id: int) -> Page:
    account = withdraw_role(db(), _territory(), membership_id, by=me().account_id, now=now(db()))
    flash(f"{account.name} n’est plus de l’équipe. Un lien déjà envoyé ne sert plus.", "ok")
    return redirect(url_for(".page"))


@bp.post("/publication-a-deux")
@animators
def by_two() -> Page:
    campaign = latest_campaign(db(), _territory())
    if campaign is None:
        raise Gone("Aucune campagne.")
    wanted = request.form.get("wanted") == "yes"
    decide_by_two(db(), campaign.id, wanted, by=me().account_id, now=now(db()))
    flash("Deux personnes publieront." if wanted else "Une personne suffira pour publier.", "ok")
    return redirect(url_for(".page"))


def _page(form: StaffForm, status: int = 200) -> Page:
    people = db().scalars(staff_of(_territory())).all()
    page = render_template(
        "animator/team.html",
        people=people,
        is_set_up=is_set_up,
        form=form,
        campaign=latest_campaign(db(), _territory()),
    )
    return page, status


def _territory() -> int:
    found = me().territory_id
    if found is None:
        raise Gone("Ce compte n’anime aucun territoire.")
    return found


def _departement() -> str:
    _territory()
    where = me().territory
    return where.departement if where else ""
