"""The team of a school: its heads invite colleagues, give them classes, take them out."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from models import SchoolClass, colleague
from web.clock import now
from web.db import db
from web.forms.school import ColleagueForm, TaughtForm
from web.permissions import me
from web.services.errors import Refused
from web.services.team import (
    change_classes,
    invite_again,
    invite_colleague,
    remove_colleague,
    team_of,
)
from web.views.school_scope import heads, outlined, school_id

bp = Blueprint("school_team", __name__, url_prefix="/college/equipe")

Page = tuple[str, int]


@bp.get("")
@heads
def page() -> Page:
    return _page(ColleagueForm(formdata=None).offer_classes(_classes()))


@bp.post("")
@heads
def invite() -> Any:
    form = ColleagueForm().offer_classes(_classes())
    if not form.validate():
        return _page(form, 422)
    try:
        invite_colleague(db(), school_id(), form.entry(), by=me().account_id, now=now(db()))
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _page(form, 409)
    flash(f"Invitation envoyée à {form.email.data}. Son lien sert 48 heures.", "ok")
    return redirect(url_for(".page"))


@bp.post("/<int:membership_id>/relancer")
@heads
def again(membership_id: int) -> Any:
    sent = invite_again(db(), school_id(), membership_id, by=me().account_id, now=now(db()))
    flash(f"Nouveau lien envoyé à {sent.account.email}. L’ancien ne sert plus.", "ok")
    return redirect(url_for(".page"))


@bp.get("/<int:membership_id>/classes")
@heads
def classes(membership_id: int) -> Page:
    taught = next(m for m in team_of(db(), school_id()) if m.membership.id == _one(membership_id))
    chosen = {"classes": [one.id for one in taught.classes]}
    return _classes_page(membership_id, TaughtForm(formdata=None, data=chosen))


@bp.post("/<int:membership_id>/classes")
@heads
def save_classes(membership_id: int) -> Any:
    _one(membership_id)
    form = TaughtForm().offer_classes(_classes())
    if not form.validate():
        return _classes_page(membership_id, form, 422)
    try:
        change_classes(
            db(),
            school_id(),
            membership_id,
            form.classes.data or [],
            by=me().account_id,
            now=now(db()),
        )
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _classes_page(membership_id, form, 409)
    flash("Classes enregistrées.", "ok")
    return redirect(url_for(".page"))


@bp.post("/<int:membership_id>/retirer")
@heads
def remove(membership_id: int) -> Any:
    remove_colleague(db(), school_id(), membership_id, by=me().account_id, now=now(db()))
    flash("Cette personne ne fait plus partie de l’équipe.", "ok")
    return redirect(url_for(".page"))


def _one(membership_id: int) -> int:
    """A person of this school, else a 404."""
    return db().scalars(colleague(membership_id, school_id())).one().id


def _classes() -> list[SchoolClass]:
    return [row.school_class for row in outlined().classes]


def _page(form: ColleagueForm, status: int = 200) -> Page:
    members = team_of(db(), school_id())
    return render_template("school/team.html", form=form, members=members), status


def _classes_page(membership_id: int, form: TaughtForm, status: int = 200) -> Page:
    person = db().scalars(colleague(membership_id, school_id())).one()
    form.offer_classes(_classes())
    return render_template("school/team_classes.html", form=form, person=person), status
