"""Pages where animators compose parcours out of the half-days of hosts."""

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for

from models import (
    Campaign,
    Offer,
    OfferState,
    Role,
    Week,
    half_days_by_week,
    last_event,
    pathways_of,
    weeks_of,
)
from web.clock import now
from web.db import db
from web.format import plural
from web.forms.pathways import PathwayForm, ProposeForm, StartForm
from web.permissions import me, only
from web.services.errors import Gone, Refused
from web.services.half_days import HalfDay, look_at, pool_of, substitutes
from web.services.offers import consequences
from web.services.pathways import (
    PROPOSED,
    approve_pathway,
    pathway_seen,
    save_pathway,
    start_pathway,
    steps_of,
    week_on,
    withdraw_pathway,
    write_proposals,
)
from web.services.seasons import latest_campaign

Page = str | tuple[str, int]

bp = Blueprint("pathways", __name__, url_prefix="/animation/parcours")
animators = only(Role.ANIMATOR)


def _campaign() -> Campaign:
    campaign = latest_campaign(db(), me().territory_id or 0)
    if campaign is None:
        raise Gone("Aucune campagne.")
    return campaign


def _known(campaign: Campaign) -> list[Offer]:
    """The parcours of a campaign that were not taken away."""
    found = db().scalars(pathways_of(campaign.territory_id, campaign.id))
    return [one for one in found if one.state is not OfferState.WITHDRAWN]


@bp.get("/")
@animators
def page() -> Page:
    campaign = _campaign()
    offered = {
        week: (hosts, seats) for week, hosts, seats in db().execute(half_days_by_week(campaign.id))
    }
    known = _known(campaign)
    return render_template(
        "animator/pathways.html",
        weeks=db().scalars(weeks_of(campaign.id)).all(),
        offered=offered,
        by_week={one: [p for p in known if p.weeks[0].week_id == one] for one in offered},
        broken=[one for one in known if one.state is OfferState.RETURNED],
    )


@bp.get("/semaines/<string:monday>")
@animators
def week(monday: str) -> Page:
    return _week_page(_monday(monday), ProposeForm(formdata=None), StartForm(formdata=None))


@bp.post("/semaines/<string:monday>/proposer")
@animators
def propose(monday: str) -> Any:
    day, form = _monday(monday), ProposeForm()
    if not form.validate():
        return _week_page(day, form, StartForm(formdata=None)), 422
    made = write_proposals(
        db(), _campaign(), day, form.travel_km.data, by=me().account_id, now=now(db())
    )
    if made.pathways:
        flash(
            f"{plural(len(made.pathways), 'parcours', 'parcours')} en brouillon : relisez-les.",
            "ok",
        )
    else:
        flash("Avec ce qui reste, aucun parcours de cinq jours n’est possible.", "info")
    return redirect(url_for(".week", monday=monday))


@bp.post("/semaines/<string:monday>/composer")
@animators
def start(monday: str) -> Any:
    day = _monday(monday)
    form = StartForm().offer(_pool(_campaign(), day)[1])
    if not form.validate():
        return _week_page(day, ProposeForm(formdata=None), form), 422
    made = start_pathway(
        db(),
        _campaign(),
        day,
        form.step.data,
        form_key=(form.form_key.data or "")[:80] or None,
        by=me().account_id,
        now=now(db()),
    )
    return redirect(url_for(".one", offer_id=made.id))


@bp.get("/<int:offer_id>")
@animators
def one(offer_id: int) -> Page:
    pathway = pathway_seen(db(), offer_id, _campaign())
    return _pathway_page(pathway, PathwayForm(formdata=None).show(pathway, _around(pathway)))


@bp.post("/<int:offer_id>")
@animators
def save(offer_id: int) -> Any:
    campaign = _campaign()
    pathway = pathway_seen(db(), offer_id, campaign)
    form = PathwayForm().offer(_around(pathway))
    if form.validate():
        draft, seen, by = form.draft(), form.seen.data or "", me().account_id
        try:
            save_pathway(db(), offer_id, campaign, draft, seen=seen, by=by, now=now(db()))
        except Refused as refused:
            db().rollback()
            form.refuse(refused)
        else:
            flash("Le parcours est enregistré.", "ok")
            return redirect(url_for(".one", offer_id=offer_id))
    return _pathway_page(pathway_seen(db(), offer_id, _campaign()), form), 422


@bp.post("/<int:offer_id>/approuver")
@animators
def approve(offer_id: int) -> Any:
    opened = approve_pathway(db(), offer_id, _campaign(), by=me().account_id, now=now(db()))
    flash(f"« {opened.title} » est ouvert aux élèves.", "ok")
    return redirect(url_for(".one", offer_id=offer_id))


@bp.post("/<int:offer_id>/retirer")
@animators
def withdraw(offer_id: int) -> Any:
    campaign = _campaign()
    monday = pathway_seen(db(), offer_id, campaign).weeks[0].week.monday
    withdraw_pathway(
        db(),
        offer_id,
        campaign,
        knowing=True,
        reason=request.form.get("reason", "")[:1000],
        by=me().account_id,
        now=now(db()),
    )
    flash("Le parcours est retiré.", "ok")
    return redirect(url_for(".week", monday=monday.isoformat()))


def _monday(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        abort(404)


def _pool(campaign: Campaign, monday: date) -> tuple[Week, list[HalfDay]]:
    week = week_on(db(), campaign, monday)
    return week, pool_of(db(), campaign.territory_id, campaign.id, week.id)


def _around(pathway: Offer) -> list[HalfDay]:
    """The half-days of the week of a parcours, what it takes left out of the count."""
    where = pathway.site.host.territory_id
    return pool_of(db(), where, pathway.campaign_id, pathway.weeks[0].week_id, but=pathway.id)


def _week_page(monday: date, form: ProposeForm, begin: StartForm) -> str:
    campaign = _campaign()
    week, pool = _pool(campaign, monday)
    said = db().scalar(last_event(f"week:{week.id}", PROPOSED))
    return render_template(
        "animator/pathway_week.html",
        week=week,
        pool=pool,
        pathways=[one for one in _known(campaign) if one.weeks[0].week_id == week.id],
        said=said.details if said else None,
        form=form,
        begin=begin.offer(pool),
    )


def _pathway_page(pathway: Offer, form: PathwayForm) -> str:
    campaign = _campaign()
    steps, pool = steps_of(db(), pathway, campaign), _around(pathway)
    lost = [step for step in pathway.steps if step.broken]
    return render_template(
        "animator/pathway.html",
        pathway=pathway,
        form=form,
        look=look_at(steps, long_week=pathway.long_week),
        touched=consequences(db(), pathway),
        lost=[
            (step, substitutes(pool, steps, 2 * step.weekday + step.half, pathway.seats)[:3])
            for step in lost
        ],
    )
