"""What a host changes at an offer that pupils see: a pause, places, hours."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from models import Offer, Role, campaign_by_id
from web.clock import now
from web.db import db
from web.forms.host import PracticalForm, WeeksForm, calendar_form
from web.permissions import me, only
from web.services.errors import Refused
from web.services.needs import greatest_need, needs_near
from web.services.offer_changes import (
    NewPlaces,
    change_practical,
    change_weeks,
    pause_offer,
    resume_offer,
    seen_offer,
)
from web.views.host import Page, own_id
from web.views.host_offer import typed_mondays

bp = Blueprint("host_offer_change", __name__, url_prefix="/structure/offres")


@bp.post("/<int:offer_id>/pause")
@only(Role.HOST)
def pause(offer_id: int) -> Any:
    by, at = me().account_id, now(db())
    pause_offer(db(), offer_id, own_id(), knowing=_knowing(), by=by, now=at)
    flash("Offre en pause : les élèves ne la voient plus.", "ok")
    return redirect(url_for("host.offer", offer_id=offer_id))


@bp.post("/<int:offer_id>/reprise")
@only(Role.HOST)
def resume(offer_id: int) -> Any:
    resume_offer(db(), offer_id, own_id(), by=me().account_id, now=now(db()))
    flash("Offre rouverte aux élèves.", "ok")
    return redirect(url_for("host.offer", offer_id=offer_id))


@bp.get("/<int:offer_id>/places")
@only(Role.HOST)
def weeks(offer_id: int) -> Any:
    one, _ = seen_offer(db(), offer_id, own_id())
    seats = {offered.week.monday: offered.seats for offered in one.weeks}
    shown = {need.monday: seats.get(need.monday, 0) for need in _needs(one) if need.week}
    return _weeks_page(calendar_form(shown, typed=False, total=one.total_seats), offer_id)


@bp.post("/<int:offer_id>/places")
@only(Role.HOST)
def keep_weeks(offer_id: int) -> Any:
    one, _ = seen_offer(db(), offer_id, own_id())
    form = calendar_form(typed_mondays(_needs(one)), typed=True, total=None)
    if not form.validate():
        return _weeks_page(form, offer_id, 422)
    try:
        wanted = NewPlaces(form.seats(), form.total_seats.data, knowing=_knowing())
        change_weeks(db(), offer_id, own_id(), wanted, by=me().account_id, now=now(db()))
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _weeks_page(form, offer_id, 409)
    flash("Places enregistrées.", "ok")
    return redirect(url_for("host.offer", offer_id=offer_id))


@bp.get("/<int:offer_id>/horaires")
@only(Role.HOST)
def practical(offer_id: int) -> Any:
    one, _ = seen_offer(db(), offer_id, own_id())
    form = PracticalForm(formdata=None, obj=one)
    form.show_days(one.timetable)
    return _practical_page(form, offer_id)


@bp.post("/<int:offer_id>/horaires")
@only(Role.HOST)
def keep_practical(offer_id: int) -> Any:
    form = PracticalForm()
    if not form.validate():
        return _practical_page(form, offer_id, 422)
    change_practical(db(), offer_id, own_id(), form.practical(), by=me().account_id, now=now(db()))
    flash("Horaires et contact enregistrés.", "ok")
    return redirect(url_for("host.offer", offer_id=offer_id))


def _knowing() -> bool:
    return request.form.get("knowing") == "oui"


def _needs(offer: Offer) -> Any:
    campaign = db().scalars(campaign_by_id(offer.campaign_id)).one()
    return needs_near(db(), campaign, offer.site)


def _weeks_page(form: WeeksForm, offer_id: int, status: int = 200) -> Page:
    one, touched = seen_offer(db(), offer_id, own_id())
    needs = _needs(one)
    return render_template(
        "host/step_weeks.html",
        form=form,
        offer=one,
        touched=touched,
        needs=needs,
        greatest=greatest_need(needs),
    ), status


def _practical_page(form: PracticalForm, offer_id: int, status: int = 200) -> Page:
    one, touched = seen_offer(db(), offer_id, own_id())
    return render_template(
        "host/step_practical.html", form=form, offer=one, touched=touched
    ), status
