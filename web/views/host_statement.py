"""The yearly statement of a host: whom it welcomed, to read and to show."""

from typing import Any

from flask import Blueprint, g, render_template, request

from models import Role
from web.clock import now
from web.db import db
from web.files import PDF, download
from web.permissions import only
from web.services.commitments import Statement, host_statement, seasons_of
from web.statements import host_pdf
from web.views.host import own_host

bp = Blueprint("host_statement", __name__, url_prefix="/structure/bilan")


@bp.get("")
@only(Role.HOST)
def page() -> str:
    seasons, statement = _asked()
    return render_template("host/statement.html", seasons=seasons, statement=statement)


@bp.get("/bilan.pdf")
@only(Role.HOST)
def paper() -> Any:
    _, statement = _asked()
    made = host_pdf(statement, operator=g.settings.operator, at=now(db()))
    return download(made, PDF, f"bilan-stages-{statement.season}.pdf")


def _asked() -> tuple[list[int], Statement]:
    host = own_host()
    seasons = seasons_of(db(), host.territory_id)
    typed = request.args.get("saison", "")
    season = int(typed) if typed.isdecimal() and int(typed) in seasons else None
    return seasons, host_statement(db(), host.id, season or next(iter(seasons), now(db()).year))
