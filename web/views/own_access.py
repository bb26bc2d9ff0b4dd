"""The page on which somebody of a family chooses how to enter: a password, a link by mail."""

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask_login import current_user

from models import Pupil
from web.accounts import keep_session
from web.clock import now
from web.db import db
from web.forms.account import OwnAddressForm, OwnPasswordForm
from web.permissions import me
from web.services.accounts import choose_password, give_address, take_address_back
from web.services.errors import Refused
from web.views.pupil import Child, family, looked_at, same_child, shown, voice

Page = tuple[str, int]

bp = Blueprint("own_access", __name__, url_prefix="/eleve")
bp.url_defaults(same_child)
bp.context_processor(voice)


@bp.get("/acces")
@bp.get("/<int:pupil_id>/acces")
@family
def page(pupil_id: Child = None):
    return _page(looked_at(pupil_id))


@bp.post("/acces/mot-de-passe")
@bp.post("/<int:pupil_id>/acces/mot-de-passe")
@family
def keep_password(pupil_id: Child = None) -> Any:
    pupil = looked_at(pupil_id)
    form = OwnPasswordForm()
    if not form.validate():
        return _page(pupil, password=form, status=422)
    typed, current = form.password.data, form.current.data or ""
    try:
        account = choose_password(db(), current_user.id, typed, current=current, now=now(db()))
    except Refused as refused:
        form.refuse(refused)
        return _page(pupil, password=form, status=422)
    keep_session(account)
    flash("Le mot de passe est enregistré. Le code seul n’ouvre plus cet espace.", "ok")
    return redirect(url_for(".page"))


@bp.post("/acces/adresse")
@bp.post("/<int:pupil_id>/acces/adresse")
@family
def keep_address(pupil_id: Child = None) -> Any:
    pupil = looked_at(pupil_id)
    form = OwnAddressForm()
    if not form.validate():
        return _page(pupil, address=form, status=422)
    try:
        give_address(db(), current_user.id, form.email.data, now=now(db()))
    except Refused as refused:
        form.refuse(refused)
        return _page(pupil, address=form, status=409)
    flash(f"Un lien part à {form.email.data}. L’ouvrir confirme l’adresse.", "ok")
    return redirect(url_for(".page"))


@bp.post("/acces/adresse/effacer")
@bp.post("/<int:pupil_id>/acces/adresse/effacer")
@family
def erase_address(pupil_id: Child = None) -> Any:
    looked_at(pupil_id)
    take_address_back(db(), current_user.id, now=now(db()))
    flash("L’adresse n’ouvre plus cet espace.", "ok")
    return redirect(url_for(".page"))


def _page(
    pupil: Pupil,
    *,
    password: OwnPasswordForm | None = None,
    address: OwnAddressForm | None = None,
    status: int = 200,
) -> Page:
    guardian = me().guardian
    proposed = guardian.email if guardian and not current_user.account.email else None
    typed = address or OwnAddressForm(formdata=None, email=proposed)
    return shown(
        "pupil/access.html",
        pupil,
        password=password or OwnPasswordForm(formdata=None),
        address=typed,
        form=address or password or typed,
    ), status
