"""Offers of hosts in a spreadsheet: the model, the preview, the confirmation."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from models import Role
from web.clock import now
from web.db import db
from web.files import XLSX, download
from web.permissions import me, only
from web.services.entered import By
from web.services.entered_files import (
    confirm_import,
    import_seen,
    lines_of,
    receive_file,
    template,
)
from web.services.errors import Gone, Refused

bp = Blueprint("entered_import", __name__, url_prefix="/offres-saisies/import")
enterers = only(Role.ANIMATOR, Role.SCHOOL)


@bp.get("")
@enterers
def start() -> str:
    return render_template("entered/import.html", problem="")


@bp.get("/modele.xlsx")
@enterers
def model() -> Any:
    return download(template(db(), By.person(me()).territory_id), XLSX, "offres-modele.xlsx")


@bp.post("")
@enterers
def send() -> Any:
    sent = request.files.get("file")
    data = sent.read() if sent else b""
    try:
        if not data:
            raise Refused("Choisissez un fichier.", "file")
        name = sent.filename or "" if sent else ""
        made = receive_file(db(), By.person(me()), data, name, now=now(db()))
    except Refused as refused:
        db().rollback()
        return render_template("entered/import.html", problem=str(refused)), 422
    return redirect(url_for(".preview", file_id=made.id))


@bp.get("/<int:file_id>")
@enterers
def preview(file_id: int) -> str:
    found = import_seen(db(), By.person(me()), file_id)
    return render_template("entered/preview.html", found=found, lines=lines_of(db(), found))


@bp.post("/<int:file_id>")
@enterers
def confirm(file_id: int) -> Any:
    try:
        made = confirm_import(db(), By.person(me()), file_id, now=now(db()))
    except Gone:
        raise
    except Refused as refused:
        db().rollback()
        flash(str(refused), "warn")
        return redirect(url_for(".preview", file_id=file_id))
    flash(f"Offres saisies : {made.entered}. Un lien part à chaque structure.", "ok")
    return redirect(url_for("entered.page"))
