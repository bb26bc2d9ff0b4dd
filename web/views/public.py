"""Pages open to everyone: the welcome, the rule, the law, help."""

from itertools import groupby

from flask import Blueprint, jsonify, render_template

from matching import PROMISES, Policy, policy_named
from models import (
    Campaign,
    CampaignState,
    Label,
    campaigns_in_state,
    seats_by_offer,
    welcome_counts,
)
from web.clock import now
from web.db import db
from web.measured_moves import measured_moves
from web.permissions import public
from web.services.overview import past_overviews
from web.timeline import steps_of
from web.worked_example import example_of

bp = Blueprint("public", __name__)

SHOWN = (CampaignState.RUNNING, CampaignState.OFFERS_OPEN, CampaignState.CLOSED)


@bp.get("/")
@public
def home():
    campaign = _current()
    steps = steps_of(campaign, now(db()), _seats(campaign), _hosts(campaign)) if campaign else []
    return render_template("public/home.html", campaign=campaign, steps=steps, labels=list(Label))


@bp.get("/regles")
@public
def rules():
    campaign = _current()
    if campaign is None:
        return render_template("public/rules_later.html")
    policy = policy_named(campaign.policy)
    return render_template(
        "public/rules.html",
        campaign=campaign,
        round=campaign.current_round,
        policy=policy,
        kinds=_kinds(policy),
        example=example_of(campaign.policy),
        groups=_groups(campaign),
        labels=list(Label),
        promises=PROMISES.values(),
        measured=measured_moves(policy.code),
        past=past_overviews(db(), campaign),
    )


@bp.get("/donnees-personnelles")
@public
def privacy():
    return render_template("public/privacy.html")


@bp.get("/accessibilite")
@public
def accessibility():
    return render_template("public/accessibility.html")


@bp.get("/mentions-legales")
@public
def legal():
    return render_template("public/legal.html")


@bp.get("/aide")
@public
def help():
    return render_template("public/help.html")


@bp.get("/sante")
@public
def health():
    """Say that pages and database answer; for probes, so without any detail."""
    db().scalar(campaigns_in_state(CampaignState.RUNNING))
    return jsonify(status="ok")


def _current() -> Campaign | None:
    """The campaign that visitors come for: under way, else about to be, else the last one."""
    found = {c.state: c for c in db().scalars(campaigns_in_state(*SHOWN))}
    return next((found[state] for state in SHOWN if state in found), None)


def _seats(campaign: Campaign) -> int:
    rows = db().execute(seats_by_offer(campaign.id))
    return sum(min(seats, limit) if limit else seats for _, seats, limit in rows)


def _hosts(campaign: Campaign) -> int:
    return db().execute(welcome_counts(campaign.id)).one()[0]


def _groups(campaign: Campaign) -> int:
    return db().execute(welcome_counts(campaign.id)).one()[1]


def _kinds(policy: Policy) -> list[tuple[str, bool]]:
    """(kind of criterion, does it go label by label), in the order of the policy."""
    groups = groupby(policy.criteria, key=lambda criterion: criterion.kind)
    return [(kind, next(group).tier is not None) for kind, group in groups]
