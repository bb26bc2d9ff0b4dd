"""Pages where animators prepare a campaign: the campaign itself, and who leads each collège."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from models import Role, Territory
from web.clock import now
from web.db import db
from web.forms.animator import CampaignForm, HeadForm
from web.permissions import me, only
from web.services.dates import NAMES
from web.services.errors import Refused
from web.services.preparation import check_ready, create_campaign, next_season, proposed_plan
from web.services.seasons import latest_campaign
from web.services.staff import Staff, create_account, invite_again, school_team, school_teams

Page = str | tuple[str, int]

bp = Blueprint("preparation", __name__, url_prefix="/animation")
animators = only(Role.ANIMATOR)

SCHOOLS_A_PAGE = 40


def _territory() -> int:
    return me().territory_id or 0


def _season() -> int:
    campaign = latest_campaign(db(), _territory())
    return campaign.season if campaign else next_season(db(), _territory(), now(db()))


@bp.get("/nouvelle-campagne")
@animators
def new() -> Page:
    check_ready(db(), _territory())
    moment = now(db())
    season = next_season(db(), _territory(), moment)
    plan = proposed_plan(db().get_one(Territory, _territory()), season, moment)
    return _campaign_page(CampaignForm(formdata=None).propose(plan))


@bp.post("/nouvelle-campagne")
@animators
def create() -> Any:
    form = CampaignForm()
    if form.validate():
        try:
            made = create_campaign(
                db(), _territory(), form.plan(), by=me().account_id, now=now(db())
            )
        except Refused as refused:
            db().rollback()
            form.refuse(refused)
        else:
            flash(f"{made.name} préparée. Les offres s’ouvrent à la date choisie.", "ok")
            return redirect(url_for("animator.home"))
    return _campaign_page(form), 422


def _campaign_page(form: CampaignForm) -> str:
    where = db().get_one(Territory, _territory())
    return render_template("animator/new_campaign.html", form=form, names=NAMES, where=where)


@bp.get("/colleges")
@animators
def schools() -> Page:
    found = school_teams(db(), _territory(), _season())
    words = request.args.get("q", "").strip()
    shown = [one for one in found if _matches(one.school.name + " " + one.school.commune, words)]
    pages = max(1, -(-len(shown) // SCHOOLS_A_PAGE))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    return render_template(
        "animator/schools.html",
        schools=shown[(page - 1) * SCHOOLS_A_PAGE : page * SCHOOLS_A_PAGE],
        matching=len(shown),
        found=found,
        words=words,
        page=page,
        pages=pages,
    )


def _matches(text: str, words: str) -> bool:
    return all(word in text.casefold() for word in words.casefold().split())


@bp.get("/colleges/<int:school_id>")
@animators
def school(school_id: int) -> Page:
    return _school_page(school_id, HeadForm(formdata=None))


def _school_page(school_id: int, form: HeadForm) -> str:
    found = school_team(db(), _territory(), school_id, _season())
    return render_template("animator/school.html", found=found, form=form)


@bp.post("/colleges/<int:school_id>/direction")
@animators
def invite_head(school_id: int) -> Any:
    found, form = school_team(db(), _territory(), school_id, _season()), HeadForm()
    if form.validate():
        staff = Staff(form.email.data, form.name.data, Role.SCHOOL, uai=found.school.uai)
        try:
            create_account(db(), staff, by=me().account_id, now=now(db()))
        except Refused as refused:
            db().rollback()
            form.refuse(refused)
        else:
            flash(f"L’invitation part à {form.email.data}.", "ok")
            return redirect(url_for(".school", school_id=school_id))
    return _school_page(school_id, form), 422


@bp.post("/colleges/<int:school_id>/equipe/<int:account_id>/inviter")
@animators
def remind_head(school_id: int, account_id: int) -> Any:
    account = invite_again(
        db(), _territory(), school_id, account_id, by=me().account_id, now=now(db())
    )
    flash(f"Un nouveau lien part à {account.email}.", "ok")
    return redirect(url_for(".school", school_id=school_id))
