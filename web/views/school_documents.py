"""Papers of a school: access letters, result slips, the follow-up as a file."""

import secrets
from functools import partial

from flask import Blueprint, g, redirect, render_template, request, url_for

from models import SchoolClass, pupils_to_write_to
from web.clock import now
from web.db import db
from web.documents import Slip, letters_pdf, slips_pdf
from web.files import PDF, XLSX, download
from web.permissions import me
from web.services.errors import Refused
from web.services.exports import follow_up_csv, follow_up_xlsx
from web.services.follow_up import matching_pupils
from web.services.letters import Printing, issue_letters, without_code
from web.services.results import reasons_told
from web.services.spelling import in_order
from web.views.school import chosen_rows
from web.views.school_scope import followed, own_class, school_id, team

bp = Blueprint("school_documents", __name__, url_prefix="/college")


@bp.get("/lettres")
@team
def letters():
    return _letters_page()


@bp.post("/classes/<int:class_id>/lettres")
@team
def print_letters(class_id: int):
    own = own_class(class_id)
    turn = followed().round
    everyone = "everyone" in request.form
    site = g.settings
    try:
        if turn is None:
            raise Refused("Aucune campagne n’est ouverte pour l’instant.")
        if everyone and "sure" not in request.form:
            raise Refused("Cochez la case : les codes déjà remis ne serviront plus.")
        paper = issue_letters(
            db(),
            school_id(),
            class_id,
            Printing(
                request.form.get("key", ""),
                everyone,
                partial(letters_pdf, turn=turn, site=site.site_url, contact=site.contact),
            ),
            by=me().account_id,
            now=now(db()),
        )
    except Refused as refused:
        db().rollback()
        return _letters_page(own.id, str(refused)), 409
    return download(paper, PDF, f"lettres-{own.name}.pdf")


@bp.get("/classes/<int:class_id>/resultats.pdf")
@team
def print_slips(class_id: int):
    own = own_class(class_id)
    found = followed()
    rows = sorted(
        matching_pupils(found, own.id),
        key=lambda one: in_order(one.pupil.last_name, one.pupil.first_name),
    )
    if found.round is None or not found.published or not rows:
        return redirect(url_for("school.results"))
    at = now(db())
    slips = [
        Slip(o.pupil, o.status, o.placement, reasons_told(db(), o.pupil, now=at)) for o in rows
    ]
    paper = slips_pdf(slips, own, site=g.settings.site_url, contact=g.settings.contact, now=at)
    return download(paper, PDF, f"resultats-{own.name}.pdf")


@bp.get("/eleves/suivi.csv")
@team
def csv_file():
    return download(follow_up_csv(chosen_rows(followed())), "text/csv; charset=utf-8", "suivi.csv")


@bp.get("/eleves/suivi.xlsx")
@team
def xlsx_file():
    return download(follow_up_xlsx(chosen_rows(followed())), XLSX, "suivi.xlsx")


def _letters_page(class_id: int | None = None, problem: str = "") -> str:
    found = followed()
    rows = [(row.school_class, _count(row.school_class), row.total) for row in found.classes]
    return render_template(
        "school/access_letters.html",
        found=found,
        rows=rows,
        key=secrets.token_urlsafe(16),
        problem=problem,
        refused_id=class_id,
    )


def _count(own: SchoolClass) -> int:
    return len(without_code(db().scalars(pupils_to_write_to(own.id)).all()))
