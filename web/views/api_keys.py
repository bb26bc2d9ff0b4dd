"""Where animators give and close the keys of the public interface."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from models import Network, Role
from web.clock import now
from web.db import db
from web.forms.api_keys import KeyForm
from web.permissions import me, only
from web.services.api_keys import PER_MINUTE, issue_key, keys_of, revoke_key
from web.services.errors import Refused

bp = Blueprint("api_keys", __name__, url_prefix="/animation/cles")
animators = only(Role.ANIMATOR)


@bp.get("")
@animators
def page() -> str:
    return _page(KeyForm(formdata=None))


@bp.post("")
@animators
def issue() -> Any:
    form = KeyForm().only_for(me().network)
    if not form.validate():
        return _page(form), 422
    network = Network(form.network.data)  # type: ignore[call-arg]
    try:
        token = issue_key(db(), me(), form.name.data, network, now=now(db()))
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _page(form), 409
    return _page(KeyForm(formdata=None), token)


@bp.post("/<int:key_id>/fermeture")
@animators
def revoke(key_id: int) -> Any:
    revoke_key(db(), me(), key_id, now=now(db()))
    flash("Clé fermée : elle n’ouvre plus rien.", "ok")
    return redirect(url_for(".page"))


def _page(form: KeyForm, token: str = "") -> str:
    return render_template(
        "animator/api_keys.html",
        form=form.only_for(me().network),
        token=token,
        keys=keys_of(db(), me().territory_id or 0),
        per_minute=PER_MINUTE,
    )
