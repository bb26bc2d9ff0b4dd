"""The demo's own clock."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, redirect, request

from web import clock
from web.db import db
from web.format import moment
from web.permissions import public
from web.services.demo_clock import play_next_step
from web.services.errors import Refused

bp = Blueprint("demo", __name__, url_prefix="/demonstration")


@bp.post("/etape-suivante")
@public
def next_step():
    try:
        flash(f"Nous sommes maintenant le {moment(play_next_step(db(), now=clock.now(db())))}.")
    except Refused as refusal:
        flash(str(refusal), "warn")
    return redirect(_page_before())


def _page_before() -> str:
    """The page whose button was pressed, if it is one of ours."""
    before = urlsplit(request.referrer or "")
    return before.path if before.netloc == request.host and before.path else "/"
