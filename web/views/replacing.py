"""Pages of animators after the publication: who has no place, and a place for each."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from models import (
    Campaign,
    Label,
    PlacementState,
    Role,
    problems_waiting,
    schools_of_campaign,
    weeks_of,
)
from web.clock import now
from web.db import db
from web.forms.replacing import GiftForm
from web.permissions import me, only
from web.services import replacing
from web.services.errors import Gone, Refused
from web.services.place_problems import settle_problem
from web.services.replacing import Reason, Wanted
from web.services.seasons import latest_campaign, results_are_out

bp = Blueprint("replacing", __name__, url_prefix="/animation/a-replacer")
animators = only(Role.ANIMATOR)
PER_PAGE = 40


@bp.get("")
@animators
def page() -> str:
    campaign = _campaign()
    if not results_are_out(campaign):
        return render_template("animator/to_place_early.html", turn=campaign.current_round)
    wanted = _wanted()
    everybody = replacing.to_place(db(), campaign)
    free = replacing.free_by_week(db(), campaign, now=now(db()))
    rows = [one for one in everybody if wanted.fits(one, free)]
    rows.sort(key=lambda one: one.reason is Reason.NO_WISH)  # apart, after those who wait
    pages = max(1, -(-len(rows) // PER_PAGE))
    number = min(max(request.args.get("page", 1, type=int), 1), pages)
    shown = rows[(number - 1) * PER_PAGE : number * PER_PAGE]
    return render_template(
        "animator/to_place.html",
        campaign=campaign,
        everybody=everybody,
        counts=replacing.counts(everybody),
        found=len(rows),
        silent_found=sum(one.reason is Reason.NO_WISH for one in rows),
        rows=[one for one in shown if one.reason is not Reason.NO_WISH],
        silent=[one for one in shown if one.reason is Reason.NO_WISH],
        page=number,
        pages=pages,
        free=free,
        free_in_weeks=replacing.free_in_weeks,
        wanted=wanted,
        problems=db().scalars(problems_waiting(campaign.id)).all(),
        schools=db().scalars(schools_of_campaign(campaign.id)).all(),
        weeks=db().scalars(weeks_of(campaign.id)).all(),
        labels=list(Label),
        reasons=list(Reason),
    )


@bp.get("/<int:pupil_id>")
@animators
def pupil(pupil_id: int) -> str:
    return _pupil_page(pupil_id, GiftForm(formdata=None))


@bp.post("/<int:pupil_id>")
@animators
def give(pupil_id: int) -> Any:
    found = replacing.replacing(db(), pupil_id, _territory(), now=now(db()))
    form = GiftForm().offer(found.openings)
    typed = request.form.get("place", "")
    if typed.isdecimal() and typed not in dict(form.place.choices):
        form.place.choices.append((typed, "La place choisie"))  # taken meanwhile: said below
    if not form.validate():
        return _pupil_page(pupil_id, form), 422
    try:
        given = replacing.give_place(
            db(), pupil_id, _territory(), form.gift(), by=me().account_id, now=now(db())
        )
    except Gone:
        raise
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _pupil_page(pupil_id, form), 409
    flash(
        f"{given.pupil.full_name} a une place : « {given.offer_week.offer.title} ». "
        "La famille, le collège et la structure sont prévenus.",
        "ok",
    )
    return redirect(url_for(".page"))


@bp.post("/<int:pupil_id>/places/<int:placement_id>/liberer")
@animators
def free(pupil_id: int, placement_id: int) -> Any:
    states = {state.value: state for state in PlacementState}
    state = states.get(request.form.get("state", ""), PlacementState.OFFERED)
    replacing.free_place(
        db(), pupil_id, _territory(), placement_id, state, by=me().account_id, now=now(db())
    )
    flash("La place est libre. La famille, le collège et la structure sont prévenus.", "ok")
    return redirect(url_for(".pupil", pupil_id=pupil_id))


@bp.post("/signalements/<int:problem_id>/regler")
@animators
def settle(problem_id: int) -> Any:
    settle_problem(db(), problem_id, _territory(), by=me().account_id, now=now(db()))
    flash("Signalement réglé.", "ok")
    return redirect(url_for(".page"))


def _territory() -> int:
    return me().territory_id or 0


def _campaign() -> Campaign:
    campaign = latest_campaign(db(), _territory())
    if campaign is None:
        raise Gone("Aucune campagne.")
    return campaign


def _wanted() -> Wanted:
    asked = request.args
    return Wanted(
        school_id=asked.get("college", type=int),
        week_id=asked.get("semaine", type=int),
        label=next((one for one in Label if one.value == asked.get("label")), None),
        free=asked.get("libres") == "oui",
        reason=next((one for one in Reason if one.value == asked.get("raison")), None),
    )


def _pupil_page(pupil_id: int, form: GiftForm) -> str:
    found = replacing.replacing(db(), pupil_id, _territory(), now=now(db()))
    form.offer(found.openings)
    return render_template("animator/to_place_pupil.html", found=found, form=form)
