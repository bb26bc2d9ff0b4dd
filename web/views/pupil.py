"""Pages for pupils and their guardians."""

from collections.abc import Callable, Sequence
from dataclasses import replace as changed
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from models import Pupil, Role, campaign_by_id, children_of, pupil_of_family
from web.addresses import safe_next
from web.clock import now
from web.db import db
from web.forms.family import DeclineForm
from web.forms.pupil import FilterForm, LimitsForm
from web.map import bubbles, land_of
from web.permissions import me, only
from web.services.catalogue import catalogue as places_found
from web.services.catalogue import offer_for
from web.services.errors import Gone, Refused
from web.services.limits import room_of
from web.services.named_schools import kept_by_label, kept_for_pupil
from web.services.onlookers import onlooker, refuse_onlooker
from web.services.results import Outcome, result_of
from web.services.wish_list import WishList, line_of, lines_for, wish_list
from web.services.wishes import (
    Screen,
    Stale,
    add_wish,
    confirm_wishes,
    move_wish,
    remove_wish,
    replace_wishes,
    set_limits,
)

bp = Blueprint("pupil", __name__, url_prefix="/eleve")
family = only(Role.PUPIL, Role.GUARDIAN)

RESULT_PAGES = {
    Outcome.WAITING: "pupil/result_waiting.html",
    Outcome.PLACED: "pupil/result_placed.html",
    Outcome.DECLINED: "pupil/result_declined.html",
    Outcome.FOUND: "pupil/result_found.html",
    Outcome.UNPLACED: "pupil/result_unplaced.html",
    Outcome.NO_WISH: "pupil/result_no_wish.html",
}

OWN_PAGES = (
    "pupil.catalogue",
    "pupil.places_map",
    "pupil.wishes",
    "pupil.receipt",
    "pupil.result",
    "pupil.help",
    "family.found",
    "family.explanation",
    "family.needs",
    "family.phone",
    "own_access.page",
)

Child = int | None
"""A guardian's pages carry the child in their address; a pupil's need not."""


@bp.url_defaults
def same_child(_endpoint: str, values: dict[str, Any]) -> None:
    """Links between the pages of a child stay with this child."""
    here = (request.view_args or {}).get("pupil_id")
    if here is not None:
        values.setdefault("pupil_id", here)


@bp.context_processor
def voice() -> dict[str, Callable[..., str]]:
    """`say(tu, vous)`: a pupil reads the first, a guardian the second."""
    formal = current_user.is_authenticated and current_user.role is Role.GUARDIAN
    return {"say": lambda tu, vous: vous if formal else tu}


@bp.get("/")
@family
def home():
    return redirect(url_for(_first_page(looked_at(None))))


def _first_page(pupil: Pupil) -> str:
    """What matters now: the answer once it is there, else the list, else the offers."""
    if result_of(db(), pupil, now=now(db())).outcome is not Outcome.WAITING:
        return "pupil.result"
    return "pupil.wishes" if pupil.wishes else "pupil.catalogue"


@bp.get("/offres")
@bp.get("/<int:pupil_id>/offres")
@family
def catalogue(pupil_id: Child = None):
    pupil = looked_at(pupil_id)
    form = FilterForm.of(request.args, pupil)
    page = request.args.get("page", 1, type=int)
    found = places_found(db(), pupil, form.filters(), page=page, origin=form.commune)
    listed = _listed(pupil)
    return shown("pupil/catalogue.html", pupil, filters=form, found=found, listed=listed)


@bp.get("/offres/carte")
@bp.get("/<int:pupil_id>/offres/carte")
@family
def places_map(pupil_id: Child = None):
    pupil = looked_at(pupil_id)
    form = FilterForm.of(request.args, pupil)
    found = places_found(db(), pupil, form.filters(), origin=form.commune)
    land = land_of(pupil.school.territory.departement)
    return shown(
        "pupil/map.html",
        pupil,
        filters=form,
        found=found,
        land=land,
        bubbles=bubbles(found.fitting, land),
        home=land.at(pupil.school),
    )


@bp.get("/offres/<int:offer_id>")
@bp.get("/<int:pupil_id>/offres/<int:offer_id>")
@family
def offer(offer_id: int, pupil_id: Child = None):
    pupil = looked_at(pupil_id)
    listed = _listed(pupil)
    found = offer_for(db(), pupil, offer_id)
    line = line_of(listed.campaign, pupil, found, 0, demand=listed.demand)
    return shown(
        "pupil/offer.html",
        pupil,
        line=line,
        offer=line.offer,
        weeks=line.weeks,
        listed=listed,
        kept=kept_for_pupil(db(), pupil, line.offer),
        reserved=kept_by_label(db(), pupil, line.offer),
    )


@bp.post("/offres/<int:offer_id>/ajouter")
@bp.post("/<int:pupil_id>/offres/<int:offer_id>/ajouter")
@family
def add(offer_id: int, pupil_id: Child = None):
    pupil = acting_on(pupil_id)
    rank = request.form.get("rank", type=int)

    def act() -> Pupil:
        screen = _screen() if rank else None
        return add_wish(
            db(), pupil.id, offer_id, rank=rank, screen=screen, by=current_user.id, now=now(db())
        )

    answer = _changed(pupil, act, back=safe_next())
    if isinstance(answer, Response):
        added = next(wish for wish in pupil.wishes if wish.offer_id == offer_id)
        flash(f"« {added.offer.title} » est maintenant le vœu {added.rank}.", "ok")
    return answer


@bp.get("/voeux")
@bp.get("/<int:pupil_id>/voeux")
@family
def wishes(pupil_id: Child = None):
    return _list_page(looked_at(pupil_id))


@bp.post("/voeux/<int:offer_id>/deplacer")
@bp.post("/<int:pupil_id>/voeux/<int:offer_id>/deplacer")
@family
def move(offer_id: int, pupil_id: Child = None):
    pupil = acting_on(pupil_id)
    rank = request.form.get("rank", type=int) or _neighbour(offer_id)
    return _changed(
        pupil,
        lambda: move_wish(
            db(), pupil.id, offer_id, rank, screen=_screen(), by=current_user.id, now=now(db())
        ),
        anchor=f"voeu-{rank}",
    )


@bp.post("/voeux/<int:offer_id>/retirer")
@bp.post("/<int:pupil_id>/voeux/<int:offer_id>/retirer")
@family
def remove(offer_id: int, pupil_id: Child = None):
    pupil = acting_on(pupil_id)
    return _changed(
        pupil,
        lambda: remove_wish(
            db(), pupil.id, offer_id, screen=_screen(), by=current_user.id, now=now(db())
        ),
    )


@bp.post("/voeux/remplacer")
@bp.post("/<int:pupil_id>/voeux/remplacer")
@family
def replace(pupil_id: Child = None):
    pupil = acting_on(pupil_id)
    screen = _screen()
    return _changed(
        pupil,
        lambda: replace_wishes(
            db(),
            pupil.id,
            screen.seen,
            version=screen.version,
            by=current_user.id,
            now=now(db()),
        ),
    )


@bp.post("/voeux/limites")
@bp.post("/<int:pupil_id>/voeux/limites")
@family
def limits(pupil_id: Child = None):
    pupil = acting_on(pupil_id)
    form = LimitsForm.of(pupil)
    if not form.validate():
        return _list_page(pupil, form=form, status=422)
    try:
        set_limits(
            db(),
            pupil.id,
            limit_km=form.limit_km.data,
            refused_families=form.refused(),
            version=_screen().version,
            by=current_user.id,
            now=now(db()),
        )
    except Stale:
        form.refuse(Refused("La liste a changé sur un autre écran. Relire, puis enregistrer."))
        return _list_page(pupil, form=form, status=409)
    except Refused as refused:
        form.refuse(refused)
        return _list_page(pupil, form=form, status=409)
    flash("Les limites sont enregistrées.", "ok")
    return redirect(url_for(".wishes"))


@bp.post("/voeux/confirmer")
@bp.post("/<int:pupil_id>/voeux/confirmer")
@family
def confirm(pupil_id: Child = None):
    pupil = acting_on(pupil_id)
    try:
        confirm_wishes(db(), pupil.id, version=_screen().version, by=current_user.id, now=now(db()))
    except Gone:
        raise
    except Refused as refused:
        return _list_page(pupil, problem=str(refused), status=409)
    return redirect(url_for(".receipt"))


@bp.get("/voeux/recu")
@bp.get("/<int:pupil_id>/voeux/recu")
@family
def receipt(pupil_id: Child = None):
    pupil = looked_at(pupil_id)
    listed = _listed(pupil)
    return shown("pupil/receipt.html", pupil, listed=listed)


@bp.get("/resultat")
@bp.get("/<int:pupil_id>/resultat")
@family
def result(pupil_id: Child = None):
    pupil = looked_at(pupil_id)
    formal = current_user.role is Role.GUARDIAN
    found = result_of(db(), pupil, now=now(db()), voice="vous" if formal else "tu")
    return shown(RESULT_PAGES[found.outcome], pupil, result=found, decline=DeclineForm())


@bp.get("/aide")
@bp.get("/<int:pupil_id>/aide")
@family
def help(pupil_id: Child = None):
    pupil = looked_at(pupil_id)
    campaign = db().scalars(campaign_by_id(pupil.campaign_id)).one()
    return shown("pupil/help.html", pupil, round=campaign.current_round, campaign=campaign)


def looked_at(pupil_id: int | None) -> Pupil:
    """The pupil of this page, if the viewer is this pupil or one of her guardians; else a 404."""
    viewer = me()
    wanted = viewer.pupil_id if pupil_id is None else pupil_id
    if wanted is None and viewer.guardian_id is not None:
        _to_first_child(viewer.guardian_id)
    seen = pupil_of_family(wanted or 0, viewer.pupil_id, viewer.guardian_id)
    return db().scalars(seen).one()


def acting_on(pupil_id: int | None) -> Pupil:
    """The pupil of this page, for who may change something there: see `looked_at`."""
    pupil = looked_at(pupil_id)
    refuse_onlooker(db(), pupil, me().role)
    return pupil


def shown(template: str, pupil: Pupil, **values: object) -> str:
    """A page about a pupil, with the switch between the children of a guardian."""
    guardian_id = me().guardian_id
    children = db().scalars(children_of(guardian_id)).all() if guardian_id else []
    here = request.endpoint if request.endpoint in OWN_PAGES else "pupil.wishes"
    links = [
        (c.first_name, url_for(str(here), pupil_id=c.id), c.id == pupil.id, "") for c in children
    ]
    looks = onlooker(db(), pupil, me().role)
    return render_template(template, pupil=pupil, children=links, onlooker=looks, **values)


def _listed(pupil: Pupil) -> WishList:
    """The list as this viewer may act on it."""
    listed = wish_list(db(), pupil, viewer=current_user.id, now=now(db()))
    return changed(listed, closed=listed.closed or onlooker(db(), pupil, me().role))


def _to_first_child(guardian_id: int) -> None:
    """Send a guardian to the page of a child: an address without one says nothing of whom."""
    children = db().scalars(children_of(guardian_id)).all()
    if request.method != "GET" or not children:
        raise Gone("Aucun élève n’est rattaché à ce compte.")
    page = request.endpoint if request.endpoint in OWN_PAGES else _first_page(children[0])
    abort(redirect(url_for(str(page), pupil_id=children[0].id)))


def _list_page(
    pupil: Pupil, *, form: LimitsForm | None = None, problem: str = "", status: int = 200
) -> tuple[str, int]:
    """The list; after a refusal, with what was refused and what was typed."""
    db().refresh(pupil)
    listed = _listed(pupil)
    room = None if listed.closed else room_of(db(), pupil, listed.campaign)
    typed = form or LimitsForm.of(pupil)
    page = shown("pupil/wishes.html", pupil, listed=listed, room=room, form=typed, problem=problem)
    return page, status


def _changed(
    pupil: Pupil, act: Callable[[], Pupil], *, back: str | None = None, anchor: str | None = None
) -> Any:
    """Do one change of the list, then show the list; two lists when another page was quicker."""
    try:
        act()
    except Gone:
        raise
    except Stale as stale:
        return _two_lists(pupil, stale.wanted), 409
    except Refused as refused:
        return _list_page(pupil, problem=str(refused), status=409)
    return redirect(back or url_for(".wishes", _anchor=anchor))


def _two_lists(pupil: Pupil, wanted: Sequence[int]) -> str:
    db().refresh(pupil)
    listed = _listed(pupil)
    mine = lines_for(db(), pupil, list(wanted))
    return shown("pupil/two_lists.html", pupil, listed=listed, mine=mine)


def _screen() -> Screen:
    """What the page showed: both come with each form of the list."""
    version = request.form.get("version", type=int)
    seen = request.form.get("seen", "")
    if version is None or not all(part.isdecimal() for part in seen.split(",") if seen):
        abort(400)
    return Screen(version, tuple(int(part) for part in seen.split(",") if part))


def _neighbour(offer_id: int) -> int:
    """The rank one step up or down from where the page showed this wish."""
    seen = _screen().seen
    if offer_id not in seen:
        abort(400)
    step = {"up": -1, "down": 1}.get(request.form.get("direction", "")) or abort(400)
    return max(seen.index(offer_id) + 1 + step, 1)
