"""The open data of published campaigns: offers and results, without a name or a small count."""

from typing import Any

from flask import Blueprint, render_template

from models import Campaign, published_campaigns
from web.db import db
from web.files import CSV, download
from web.permissions import public
from web.services.errors import Gone
from web.services.overview import (
    OFFER_TITLES,
    TITLES,
    offer_rows,
    overview,
    published_round,
    result_rows,
)
from web.services.sheets import csv_file

bp = Blueprint("open_data", __name__, url_prefix="/donnees-ouvertes")


@bp.get("")
@public
def page() -> str:
    found = [(one, published_round(one)) for one in db().scalars(published_campaigns())]
    return render_template("public/open_data.html", campaigns=found)


@bp.get("/<string:departement>/<int:season>/offres.csv")
@public
def offers(departement: str, season: int) -> Any:
    campaign = _campaign(departement, season)
    content = csv_file(OFFER_TITLES, offer_rows(db(), campaign))
    return download(content, CSV, f"tremplin-{departement}-{season}-offres.csv")


@bp.get("/<string:departement>/<int:season>/resultats.csv")
@public
def results(departement: str, season: int) -> Any:
    found = overview(db(), _campaign(departement, season))
    if found is None:
        raise Gone("Ces résultats n’existent pas.")
    content = csv_file(TITLES, result_rows(found))
    return download(content, CSV, f"tremplin-{departement}-{season}-resultats.csv")


def _campaign(departement: str, season: int) -> Campaign:
    for one in db().scalars(published_campaigns()):
        if (one.territory.departement, one.season) == (departement, season):
            return one
    raise Gone("Cette campagne n’a pas de données ouvertes.")
