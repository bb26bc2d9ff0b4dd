"""The public interface, version 1: systems of the networks post offers under their own ids."""

import hashlib
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, g, jsonify, render_template, request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from models import EnteredOffer, Family, HostKind, Need, Sector, weeks_of
from web.clock import now
from web.db import db, writing
from web.forms.api import read_offer
from web.permissions import by_key, public
from web.problems import problem
from web.services.api_keys import NoKey, TooMany, open_with
from web.services.api_offers import close_offer, offer_posted, offers_posted, put_offer
from web.services.errors import Gone, Refused
from web.services.seasons import current_campaign

bp = Blueprint("api", __name__, url_prefix="/api/v1")
OPENAPI = Path(__file__).parent.parent / "data" / "openapi-v1.json"
ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
POINTERS = {
    "siret": "/host/siret",
    "postcode": "/host/postcode",
    "commune": "/host/commune",
    "total_seats": "/total_seats",
    "min_group": "/min_group",
    "seats": "/weeks",
    "long_week": "/long_week",
}


@bp.get("/openapi.json")
@public
def openapi() -> Response:
    return Response(_document(), mimetype="application/json")


@bp.get("/aide")
@public
def guide() -> str:
    return render_template("public/api.html", paths=json.loads(_document())["paths"])


@bp.get("/reference")
@by_key
def reference() -> Any:
    campaign = current_campaign(db(), _key().territory_id)
    weeks = db().scalars(weeks_of(campaign.id)).all() if campaign else []
    return jsonify(
        host_kinds=[{"value": one.value, "label": one.label} for one in HostKind],
        sectors=[
            {"value": one.value, "label": one.label, "family": one.family.value} for one in Sector
        ],
        families=[{"value": one.value, "label": one.label} for one in Family],
        accessibility=[{"value": one.value, "label": one.label} for one in Need],
        weeks=[week.monday.isoformat() for week in weeks],
        offers_close_at=campaign.offers_close_at.isoformat() if campaign else None,
    )


@bp.get("/offers")
@by_key
def offers() -> Any:
    return jsonify(offers=[_shown(one) for one in offers_posted(db(), _key())])


@bp.get("/offers/<string:external_id>")
@by_key
def offer(external_id: str) -> Any:
    return jsonify(_shown(offer_posted(db(), _key(), external_id)))


@bp.put("/offers/<string:external_id>")
@by_key
def put(external_id: str) -> Any:
    if not ID.fullmatch(external_id):
        return problem(422, "L’identifiant a 1 à 64 lettres, chiffres, points ou tirets.")
    entry, errors = read_offer(_json())
    if entry is None:
        return problem(422, "Cette offre n’est pas complète.", errors)
    body = hashlib.sha256(request.get_data()).hexdigest()
    try:
        made, new = put_offer(db(), _key(), external_id, entry, body_sha256=body, now=now(db()))
    except Refused as refused:
        db().rollback()
        at = POINTERS.get(refused.field or "", "")
        if at or (refused.field or "").startswith(("seats-", "day-")):
            pointer = at or ("/weeks" if (refused.field or "").startswith("seats-") else "/hours")
            return problem(422, "Cette offre n’est pas possible.", [(pointer, str(refused))])
        raise
    return jsonify(_shown(made)), 201 if new else 200


@bp.delete("/offers/<string:external_id>")
@by_key
def close(external_id: str) -> Any:
    close_offer(db(), _key(), external_id, now=now(db()))
    return "", 204


@bp.before_request
def open_the_door() -> Any:
    """Know the key and count the call, whatever the method, before anything else."""
    if request.endpoint in ("api.openapi", "api.guide"):
        return None
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NoKey("Envoyez votre clé : « Authorization: Bearer … ».")
    with writing() as session:
        g.api_key = open_with(session, token.strip(), now=now(session))
    return None


@bp.errorhandler(Refused)
def refused(error: Refused) -> Any:
    if isinstance(error, NoKey):
        answer, status = problem(401, str(error))
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer, status
    if isinstance(error, TooMany):
        answer, status = problem(429, str(error))
        answer.headers["Retry-After"] = str(error.wait)
        return answer, status
    return problem(404 if isinstance(error, Gone) else 409, str(error))


@bp.errorhandler(BadRequest)
@bp.errorhandler(UnsupportedMediaType)
def unreadable(error: BadRequest | UnsupportedMediaType) -> Any:
    if isinstance(error, UnsupportedMediaType):
        return problem(415, "Envoyez du JSON : « Content-Type: application/json ».")
    return problem(400, "Ce corps n’est pas du JSON valable.")


def _key() -> Any:
    return g.api_key


def _json() -> Any:
    if not request.is_json:
        raise UnsupportedMediaType
    return request.get_json(cache=True)


def _shown(one: EnteredOffer) -> dict[str, Any]:
    offer = one.offer
    return {
        "id": one.external_id,
        "state": offer.state.value,
        "label": offer.state.label,
        "confirmed": one.confirmed_at is not None,
        "reason": offer.return_reason or None,
        "title": offer.title,
        "seats": offer.seats,
        "weeks": [
            {"monday": week.week.monday.isoformat(), "seats": week.seats} for week in offer.weeks
        ],
    }


@lru_cache(maxsize=1)
def _document() -> str:
    return OPENAPI.read_text("utf-8")
