"""Pages on which a host confirms that it awaits a pupil, or tells what is wrong."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from models import Role
from web.clock import now
from web.db import db
from web.forms.replacing import ProblemForm
from web.permissions import me, only
from web.services.errors import Gone, Refused
from web.services.place_problems import confirm_place, place_seen, tell_problem
from web.views.host import own_id

bp = Blueprint("host_place", __name__, url_prefix="/structure/eleves")
hosts = only(Role.HOST)


@bp.post("/<int:placement_id>/confirmer")
@hosts
def confirm(placement_id: int) -> Any:
    place = confirm_place(db(), placement_id, own_id(), by=me().account_id, now=now(db()))
    flash(f"Accueil confirmé pour {place.pupil.full_name}.", "ok")
    return redirect(url_for("host.pupils"))


@bp.get("/<int:placement_id>/probleme")
@hosts
def problem(placement_id: int) -> str:
    return _page(placement_id, ProblemForm(formdata=None))


@bp.post("/<int:placement_id>/probleme")
@hosts
def save_problem(placement_id: int) -> Any:
    form = ProblemForm()
    if not form.validate():
        return _page(placement_id, form), 422
    try:
        tell_problem(db(), placement_id, own_id(), form.told(), by=me().account_id, now=now(db()))
    except Gone:
        raise
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _page(placement_id, form), 409
    flash("L’équipe d’animation est prévenue.", "ok")
    return redirect(url_for("host.pupils"))


def _page(placement_id: int, form: ProblemForm) -> str:
    place = place_seen(db(), placement_id, own_id())
    return render_template("host/problem.html", place=place, form=form)
