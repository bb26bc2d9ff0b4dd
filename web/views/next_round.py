"""The page on which an animator plans a complementary round."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from models import Campaign, Role
from web.clock import now
from web.db import db
from web.forms.next_round import NextRoundForm
from web.permissions import me, only
from web.services.dates import NAMES
from web.services.errors import Gone, Refused
from web.services.next_round import may_plan, plan_round, proposed_dates
from web.services.replacing import aftermath
from web.services.seasons import latest_campaign

bp = Blueprint("next_round", __name__, url_prefix="/animation/tours")
animators = only(Role.ANIMATOR)


@bp.get("/nouveau")
@animators
def new() -> str:
    campaign = _campaign()
    proposed = proposed_dates(campaign, now(db()))
    form = NextRoundForm(formdata=None)
    return _page(campaign, form.show(proposed, ""))


@bp.post("/nouveau")
@animators
def create() -> Any:
    campaign, form = _campaign(), NextRoundForm()
    if form.validate():
        typed = form.dates(proposed_dates(campaign, now(db())))
        try:
            planned = plan_round(
                db(),
                campaign.id,
                _territory(),
                typed,
                public_value_name=form.public_value_name.data or "",
                by=me().account_id,
                now=now(db()),
            )
        except Gone:
            raise
        except Refused as refused:
            db().rollback()
            form.refuse(refused)
        else:
            flash(f"Le tour {planned.number} est prévu.", "ok")
            return redirect(url_for("animator.home"))
    return _page(_campaign(), form), 422


def _territory() -> int:
    return me().territory_id or 0


def _campaign() -> Campaign:
    campaign = latest_campaign(db(), _territory())
    if campaign is None or not may_plan(campaign):
        raise Gone("Aucun tour ne peut s’ajouter maintenant.")
    return campaign


def _page(campaign: Campaign, form: NextRoundForm) -> str:
    return render_template(
        "animator/next_round.html",
        number=campaign.rounds[-1].number + 1,
        form=form,
        names=[name for name in NAMES if name in form],
        after=aftermath(db(), campaign),
    )
