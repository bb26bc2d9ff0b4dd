"""The journal, for those who answer for a territory; and the hook that notes who read what."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Flask, Response, render_template, request
from flask_login import current_user

from models import Role
from web.clock import now
from web.db import db, writing
from web.files import CSV, download
from web.format import PARIS
from web.permissions import me, only
from web.services.journal_desk import Asked, journal, journal_csv, note_export, note_seen
from web.services.journal_words import FAMILIES

bp = Blueprint("journal", __name__, url_prefix="/animation/journal")
animators = only(Role.ANIMATOR)
READERS = (Role.ANIMATOR, Role.SCHOOL, Role.TEACHER)
"""Those who may open the file of a pupil who is not their child."""
LISTS = {
    "school_documents.csv_file": "suivi.csv",
    "school_documents.xlsx_file": "suivi.xlsx",
    "school_documents.print_slips": "resultats.pdf",
    "entered.places_file": "eleves-et-places.csv",
    "scenarios.export": "calcul.npz",
    "journal.file": "journal.csv",
}
"""Pages that hand over a list of names, and what it is called in the journal."""


@bp.get("")
@animators
def page() -> str:
    asked = _asked()
    found = journal(db(), me().territory_id or 0, asked, request.args.get("page", 1, type=int))
    return render_template(
        "animator/journal.html",
        found=found,
        asked=asked,
        families=FAMILIES,
        since=request.args.get("du", ""),
        until=request.args.get("au", ""),
    )


@bp.get("/journal.csv")
@animators
def file() -> Any:
    return download(journal_csv(db(), me().territory_id or 0, _asked()), CSV, "journal.csv")


def note_reading(app: Flask) -> None:
    """Note each pupil's file that a member of a staff opens, and each list taken away."""

    @app.after_request
    def note(response: Response) -> Response:
        if request.method != "GET" or response.status_code != 200:
            return response
        pupil_id = (request.view_args or {}).get("pupil_id")
        name = LISTS.get(request.endpoint or "")
        if (pupil_id or name) and current_user.is_authenticated and current_user.role in READERS:
            with writing() as session:
                moment = now(session)
                if pupil_id:
                    note_seen(session, current_user.id, pupil_id, now=moment)
                if name:
                    note_export(session, current_user.id, name, now=moment)
        return response


def _asked() -> Asked:
    family = request.args.get("quoi", "")
    until = _day(request.args.get("au", ""))
    return Asked(
        actor_id=request.args.get("qui", type=int),
        family=family if family in FAMILIES else "",
        since=_day(request.args.get("du", "")),
        until=until + timedelta(days=1) if until else None,
    )


def _day(text: str) -> datetime | None:
    """Midnight in France of a day typed in the browser's own box; anything else is no filter."""
    try:
        return datetime.combine(date.fromisoformat(text), time(), PARIS).astimezone(UTC)
    except ValueError:
        return None
