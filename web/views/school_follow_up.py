"""What a school does for its pupils: remind their families, write the wishes of one of them."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from models import Pupil
from web.clock import now
from web.db import db
from web.format import plural
from web.permissions import me
from web.services.catalogue import Filters, catalogue
from web.services.errors import Gone, Refused
from web.services.on_behalf import Hand, add_for, confirm_for, last_entered, move_for, remove_for
from web.services.school_reminders import Reminded, remind_families
from web.services.wish_list import wish_list
from web.services.wishes import OTHER_SCREEN, Screen, Stale
from web.views.school_scope import followed, own_classes, own_pupil, school_id, team

bp = Blueprint("school_follow_up", __name__, url_prefix="/college/eleves")


@bp.post("/relancer")
@team
def remind() -> Any:
    seen = {row.pupil.id for row in followed().pupils}
    wanted = seen & set(request.form.getlist("pupil", type=int))
    try:
        told = remind_families(db(), school_id(), wanted, by=me().account_id, now=now(db()))
    except Refused as refused:
        db().rollback()
        flash(str(refused), "bad")
    else:
        _tell(told)
    chosen = {name: request.form[name] for name in ("classe", "etat") if request.form.get(name)}
    return redirect(url_for("school.pupils", **chosen))


@bp.get("/<int:pupil_id>/voeux")
@team
def wishes(pupil_id: int) -> Any:
    return _page(own_pupil(pupil_id))


@bp.post("/<int:pupil_id>/voeux/<int:offer_id>/ajouter")
@team
def add(pupil_id: int, offer_id: int) -> Any:
    return _act(pupil_id, lambda: add_for(db(), _hand(), pupil_id, offer_id, now=now(db())))


@bp.post("/<int:pupil_id>/voeux/<int:offer_id>/deplacer")
@team
def move(pupil_id: int, offer_id: int) -> Any:
    step = {"up": -1, "down": 1}.get(request.form.get("direction", "")) or abort(400)
    screen = _screen()
    rank = screen.seen.index(offer_id) + 1 + step if offer_id in screen.seen else 1
    return _act(
        pupil_id,
        lambda: move_for(
            db(), _hand(), pupil_id, offer_id, max(rank, 1), screen=screen, now=now(db())
        ),
    )


@bp.post("/<int:pupil_id>/voeux/<int:offer_id>/retirer")
@team
def remove(pupil_id: int, offer_id: int) -> Any:
    return _act(
        pupil_id,
        lambda: remove_for(db(), _hand(), pupil_id, offer_id, screen=_screen(), now=now(db())),
    )


@bp.post("/<int:pupil_id>/voeux/confirmer")
@team
def confirm(pupil_id: int) -> Any:
    version = _screen().version
    return _act(
        pupil_id, lambda: confirm_for(db(), _hand(), pupil_id, version=version, now=now(db()))
    )


def _tell(told: Reminded) -> None:
    words = [f"{plural(told.letters, 'message')} en partance."]
    if told.already:
        words.append(f"{plural(told.already, 'personne')} : déjà un rappel aujourd’hui.")
    if told.unreachable:
        names = ", ".join(pupil.full_name for pupil in told.unreachable[:8])
        more = " …" if len(told.unreachable) > 8 else "."
        words.append(f"Sans adresse, à voir au collège : {names}{more}")
    flash(" ".join(words), "ok" if told.letters else "info")


def _hand() -> Hand:
    return Hand(school_id(), me().account_id, own_classes())


def _act(pupil_id: int, act: Callable[[], Pupil]) -> Any:
    """One change of the list, signed by the school; a refusal comes back to the page."""
    pupil = own_pupil(pupil_id)
    try:
        act()
    except Gone:
        raise
    except Refused as refused:
        db().rollback()
        stale = f"{OTHER_SCREEN} Voici la liste d’aujourd’hui : recommencez."
        return _page(pupil, stale if isinstance(refused, Stale) else str(refused), 409)
    return redirect(url_for(".wishes", pupil_id=pupil_id, q=request.form.get("q") or None))


def _page(pupil: Pupil, problem: str = "", status: int = 200) -> tuple[str, int]:
    words = request.values.get("q", "")[:80]
    pupil = own_pupil(pupil.id)
    db().refresh(pupil)
    listed = wish_list(db(), pupil, viewer=me().account_id, now=now(db()))
    found = catalogue(db(), pupil, Filters(words=words), page=request.args.get("page", 1, type=int))
    page = render_template(
        "school/on_behalf.html",
        pupil=pupil,
        listed=listed,
        found=found,
        q=words,
        problem=problem,
        entered=last_entered(db(), pupil.id),
    )
    return page, status


def _screen() -> Screen:
    """What the page showed: both come with each form of the list."""
    seen = [int(part) for part in request.form.get("seen", "").split(",") if part.isdecimal()]
    return Screen(request.form.get("version", -1, type=int), tuple(seen))
