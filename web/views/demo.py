"""The demo's own clock, and the mail that its people would receive."""

from urllib.parse import urlsplit

from flask import Blueprint, flash, g, redirect, render_template, request

from models import Message, latest_messages
from web import clock
from web.db import db
from web.format import moment
from web.mailer import writer
from web.permissions import public
from web.services.demo_clock import play_next_step
from web.services.errors import Refused
from web.services.mail import Written

bp = Blueprint("demo", __name__, url_prefix="/demonstration")

LETTERS = 20


@bp.post("/etape-suivante")
@public
def next_step():
    try:
        flash(f"Nous sommes maintenant le {moment(play_next_step(db(), now=clock.now(db())))}.")
    except Refused as refusal:
        flash(str(refusal), "warn")
    return redirect(_page_before())


@bp.get("/boite-aux-lettres")
@public
def mailbox():
    write = writer(g.settings)

    def read(message: Message) -> Written:
        return Written(message.subject, message.body) if message.body else write(message)

    letters = [(one, read(one)) for one in db().scalars(latest_messages(LETTERS))]
    return render_template("demo/mailbox.html", letters=letters)


def _page_before() -> str:
    """The page whose button was pressed, if it is one of ours."""
    before = urlsplit(request.referrer or "")
    return before.path if before.netloc == request.host and before.path else "/"
