"""The four steps in which a host writes an offer."""

import secrets
from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from models import Offer, OfferKind, Role, campaign_by_id, offer_of_host
from web.clock import now
from web.db import db
from web.forms.host import ActivityForm, PracticalForm, WeeksForm, calendar_form
from web.permissions import me, only
from web.services.errors import Refused
from web.services.named_schools import schools_to_name
from web.services.needs import WeekNeed, greatest_need, needs_near
from web.services.offer_drafts import (
    EDITABLE,
    check_posting,
    field_of,
    missing_steps,
    save_activity,
    save_practical,
    save_weeks,
    start_offer,
    submit_offer,
)
from web.views.host import Page, own_host, own_id

bp = Blueprint("host_offer", __name__, url_prefix="/structure/offres")

STEPS = ["activité", "semaines", "horaires et contact", "envoi"]
LATER = "plus-tard"


@bp.get("/nouvelle")
@only(Role.HOST)
def new():
    host = own_host()
    check_posting(db(), host.territory_id, now=now(db()))
    form = ActivityForm(formdata=None, form_key=secrets.token_urlsafe(16))
    return _activity_page(_listed(form), None)


@bp.post("/nouvelle")
@only(Role.HOST)
def start():
    form = _listed(ActivityForm())
    if not form.validate():
        return _activity_page(form, None, 422)
    try:
        made = start_offer(
            db(),
            own_id(),
            form.activity(),
            form_key=form.form_key.data or None,
            by=me().account_id,
            now=now(db()),
        )
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _activity_page(form, None, 409)
    return _onward(made.id, ".weeks")


@bp.get("/<int:offer_id>/activite")
@only(Role.HOST)
def activity(offer_id: int):
    one = _draft(offer_id)
    known = {"kind": one.kind.value, "sector": one.sector.value}
    form = ActivityForm(formdata=None, obj=one, data=known)
    form.kind.data, form.sector.data = one.kind.value, one.sector.value
    return _activity_page(_listed(form, one), one)


@bp.post("/<int:offer_id>/activite")
@only(Role.HOST)
def keep_activity(offer_id: int):
    form = _listed(ActivityForm())
    if not form.validate():
        return _activity_page(form, _draft(offer_id), 422)
    try:
        save_activity(db(), offer_id, own_id(), form.activity(), now=now(db()))
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _activity_page(form, _draft(offer_id), 409)
    return _onward(offer_id, ".weeks")


@bp.get("/<int:offer_id>/semaines")
@only(Role.HOST)
def weeks(offer_id: int):
    one = _draft(offer_id)
    needs = _needs(one)
    seats = {w.week.monday: w.seats for w in one.weeks}
    shown = {need.monday: seats.get(need.monday, 0) for need in needs if need.week}
    form = calendar_form(shown, typed=False, total=one.total_seats)
    return _weeks_page(form, one, needs)


@bp.post("/<int:offer_id>/semaines")
@only(Role.HOST)
def keep_weeks(offer_id: int):
    one = _draft(offer_id)
    needs = _needs(one)
    form = calendar_form(typed_mondays(needs), typed=True, total=None)
    if not form.validate():
        return _weeks_page(form, one, needs, 422)
    seats = form.seats()
    try:
        if LATER not in request.form and not any(seats.values()):
            raise Refused("Indiquez au moins une place, sur une semaine.")
        save_weeks(db(), offer_id, own_id(), seats, form.total_seats.data, now=now(db()))
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _weeks_page(form, _draft(offer_id), needs, 409)
    return _onward(offer_id, ".practical")


@bp.get("/<int:offer_id>/pratique")
@only(Role.HOST)
def practical(offer_id: int):
    one = _draft(offer_id)
    form = PracticalForm(formdata=None, obj=one)
    form.show_days(one.timetable, alone=one.kind is not OfferKind.HALF_DAYS)
    if not one.contact_name:
        form.contact_name.data = me().account.name
        form.contact_email.data = me().account.email
    return _practical_page(form, one)


@bp.post("/<int:offer_id>/pratique")
@only(Role.HOST)
def keep_practical(offer_id: int):
    form = PracticalForm()
    if not form.validate():
        return _practical_page(form, _draft(offer_id), 422)
    save_practical(db(), offer_id, own_id(), form.practical(), now=now(db()))
    return _onward(offer_id, ".check")


@bp.get("/<int:offer_id>/envoi")
@only(Role.HOST)
def check(offer_id: int):
    one = _draft(offer_id)
    return render_template(
        "host/step_check.html", offer=one, steps=STEPS, lacking=missing_steps(one)
    )


@bp.post("/<int:offer_id>/envoi")
@only(Role.HOST)
def send(offer_id: int):
    submit_offer(db(), offer_id, own_id(), by=me().account_id, now=now(db()))
    return redirect(url_for("host.offer", offer_id=offer_id))


def _draft(offer_id: int) -> Offer:
    one = db().scalars(offer_of_host(offer_id, own_id())).one()
    if one.state not in EDITABLE:
        raise Refused("Cette offre ne se modifie plus : elle est déjà envoyée.")
    return one


def _needs(offer: Offer) -> list[WeekNeed]:
    campaign = db().scalars(campaign_by_id(offer.campaign_id)).one()
    return needs_near(db(), campaign, offer.site)


def typed_mondays(needs: list[WeekNeed]) -> dict[date, int]:
    """The weeks of the page, and a closed one if it was sent: the refusal will say why."""
    sent = {need.monday for need in needs if need.week or field_of(need.monday) in request.form}
    return dict.fromkeys(sorted(sent), 0)


def _onward(offer_id: int, endpoint: str) -> Response:
    if LATER in request.form:
        return redirect(url_for("host.home"))
    return redirect(url_for(endpoint, offer_id=offer_id))


def _listed(form: ActivityForm, one: Offer | None = None) -> ActivityForm:
    """The form with the sites and the schools that it can name."""
    host = own_host()
    picked = one.named_schools if one else form.named_schools.data
    schools = schools_to_name(db(), host, picked)
    return form.offer_sites(host.sites).offer_schools(schools)


def _activity_page(form: ActivityForm, one: Offer | None, status: int = 200) -> Page:
    return render_template("host/step_activity.html", form=form, offer=one, steps=STEPS), status


def _weeks_page(form: WeeksForm, one: Offer, needs: list[WeekNeed], status: int = 200) -> Page:
    return render_template(
        "host/step_weeks.html",
        form=form,
        offer=one,
        touched=None,
        steps=STEPS,
        needs=needs,
        greatest=greatest_need(needs),
    ), status


def _practical_page(form: PracticalForm, one: Offer, status: int = 200) -> Page:
    return render_template(
        "host/step_practical.html", form=form, offer=one, touched=None, steps=STEPS
    ), status
