"""Pages for prefecture and rectorat: the figures of their territory, never a name."""

from typing import Any

from flask import Blueprint, g, render_template, request

from models import Campaign, Network, Role, Territory, campaigns_of
from web.clock import now
from web.db import db
from web.files import CSV, ODS, PDF, download
from web.permissions import me, only
from web.services.commitments import seasons_of, territory_statement
from web.services.errors import Gone
from web.services.overview import (
    OFFER_TITLES,
    TITLES,
    Overview,
    offer_rows,
    overview,
    published_round,
    result_rows,
)
from web.services.replacing import aftermath
from web.services.sheets import csv_file, ods_file
from web.services.suppression import alone
from web.statements import NETWORK_OF, territory_pdf

bp = Blueprint("overseer", __name__, url_prefix="/territoire")
overseers = only(Role.OVERSEER)


@bp.get("")
@overseers
def home() -> str:
    campaign = _campaign()
    after = aftermath(db(), campaign) if campaign else None
    return render_template(
        "overseer/home.html",
        where=_where(),
        campaign=campaign,
        campaigns=_campaigns(),
        found=overview(db(), campaign) if campaign else None,
        waiting=alone(after.waiting) if after else None,
    )


@bp.get("/<int:season>/chiffres.csv")
@overseers
def figures_csv(season: int) -> Any:
    _, found = _published(season)
    return download(csv_file(TITLES, result_rows(found)), CSV, _name(season, "csv"))


@bp.get("/<int:season>/chiffres.ods")
@overseers
def figures_ods(season: int) -> Any:
    campaign, found = _published(season)
    sheets = [
        ("Résultats", TITLES, result_rows(found)),
        ("Offres", OFFER_TITLES, offer_rows(db(), campaign)),
    ]
    return download(ods_file(sheets), ODS, _name(season, "ods"))


@bp.get("/engagements")
@overseers
def commitments() -> str:
    seasons = seasons_of(db(), _where().id)
    return render_template("overseer/commitments.html", seasons=seasons, networks=list(Network))


@bp.get("/engagements/<int:season>/bilan.pdf")
@overseers
def statement(season: int) -> Any:
    where, network = _where(), NETWORK_OF.get(request.args.get("reseau", ""))
    if season not in seasons_of(db(), where.id):
        raise Gone("Cette saison n’a ni campagne ni engagement.")
    told = territory_statement(db(), where.id, season, network)
    made = territory_pdf(told, network, where, operator=g.settings.operator, at=now(db()))
    scope = network.value if network else "departement"
    return download(made, PDF, f"bilan-paqte-{scope}-{season}.pdf")


def _where() -> Territory:
    where = me().territory
    if where is None:
        raise Gone("Ce compte ne suit aucun territoire.")
    return where


def _published(season: int) -> tuple[Campaign, Overview]:
    campaign = next((one for one in _campaigns() if one.season == season), None)
    found = overview(db(), campaign) if campaign else None
    if campaign is None or found is None:
        raise Gone("Cette campagne n’a pas de résultats publiés.")
    return campaign, found


def _name(season: int, form: str) -> str:
    return f"tremplin-{_where().departement}-{season}.{form}"


def _campaigns() -> list[Campaign]:
    return list(db().scalars(campaigns_of(_where().id)))


def _campaign() -> Campaign | None:
    """The campaign asked for; else the latest with results, else the latest."""
    known = _campaigns()
    asked = request.args.get("saison", "")
    chosen = (one for one in known if str(one.season) == asked)
    out = (one for one in known if published_round(one))
    return next(chosen, None) or next(out, None) or next(iter(known), None)
