"""Import of pupils: send a list, check what it would do, read the report."""

from flask import Blueprint, flash, redirect, render_template, request, url_for

from models import PupilImport, Role, classes_of_school
from web.clock import now
from web.db import db
from web.forms.school_import import ListForm, chosen_columns, corrected_cells
from web.permissions import me, only
from web.services.errors import Gone, Refused
from web.services.follow_up import outline
from web.services.imports.columns import Part
from web.services.imports.drafts import (
    Stale,
    confirm_import,
    correct_import,
    drop_import,
    find_import,
    open_import,
    preview,
)
from web.services.imports.plan import Outcome
from web.services.imports.reading import read_file
from web.services.imports.text import read_pasted

Page = tuple[str, int]

bp = Blueprint("school_import", __name__, url_prefix="/college/import")

SHOWN = 100
"""Lines to look at on one page: correct these, check again, and the next ones come."""

WRITE = "importer"


@bp.get("")
@only(Role.SCHOOL)
def start():
    return _start_page(ListForm(formdata=None))


@bp.post("")
@only(Role.SCHOOL)
def send():
    form = ListForm()
    if not form.validate():
        return _start_page(form, 422)
    try:
        sent = form.file.data
        table = read_file(sent.read()) if sent else read_pasted(form.pasted.data)
        name = sent.filename or "" if sent else "tableau collé"
        draft = open_import(db(), _school(), table, name, now=now(db()))
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _start_page(form, 422)
    return redirect(url_for(".look", import_id=draft.id))


@bp.get("/<int:import_id>")
@only(Role.SCHOOL)
def look(import_id: int):
    draft = find_import(db(), _school(), import_id)
    if draft.confirmed_at is not None:
        return render_template("school/import_done.html", draft=draft, Outcome=Outcome)
    return _preview_page(draft)


@bp.post("/<int:import_id>")
@only(Role.SCHOOL)
def act(import_id: int):
    writes = request.form.get("action") == WRITE
    try:
        columns, cells = chosen_columns(request.form), corrected_cells(request.form)
        correct_import(db(), _school(), import_id, columns, cells)
        if writes:
            seen = request.form.get("plan", "")
            confirm_import(db(), _school(), import_id, seen, by=me().account_id, now=now(db()))
    except Stale as changed:
        db().rollback()
        flash(str(changed), "warn")
    except Refused as refused:
        db().rollback()
        return _preview_page(find_import(db(), _school(), import_id), refused)
    return redirect(url_for(".look", import_id=import_id))


@bp.get("/<int:import_id>/lignes")
@only(Role.SCHOOL)
def lines(import_id: int):
    draft = find_import(db(), _school(), import_id)
    if draft.confirmed_at is not None:
        return redirect(url_for(".look", import_id=import_id))
    plan = preview(db(), draft, now=now(db())).plan
    pages = max(1, -(-len(plan.lines) // SHOWN))
    page = min(max(request.args.get("page", 1, type=int), 1), pages)
    rows = plan.lines[(page - 1) * SHOWN : page * SHOWN]
    return render_template(
        "school/import_lines.html", draft=draft, plan=plan, rows=rows, page=page, pages=pages
    )


@bp.post("/<int:import_id>/abandonner")
@only(Role.SCHOOL)
def drop(import_id: int):
    drop_import(db(), _school(), import_id)
    flash("Liste effacée : rien n’a été importé.", "ok")
    return redirect(url_for(".start"))


def _school() -> int:
    school_id = me().school_id
    if school_id is None:
        raise Gone("Ce compte n’est rattaché à aucun collège.")
    return school_id


def _start_page(form: ListForm, status: int = 200) -> Page:
    found = outline(db(), _school())
    return render_template("school/import_start.html", form=form, found=found), status


def _preview_page(draft: PupilImport, refused: Refused | None = None) -> Page:
    """The preview; after a refusal the columns and cells stay as they were typed."""
    found = preview(db(), draft, now=now(db()))
    fixes = {number: {**cells} for number, cells in draft.fixes.items()}
    for number, cells in corrected_cells(request.form).items():
        fixes[number] = {**fixes.get(number, {}), **cells}
    to_see = found.plan.to_look_at(fixes)
    return render_template(
        "school/import_preview.html",
        draft=draft,
        found=found,
        plan=found.plan,
        counts=found.plan.counts,
        Outcome=Outcome,
        Part=Part,
        chosen=chosen_columns(request.form),
        fixes=fixes,
        refused=refused,
        to_see=to_see,
        rows=to_see[:SHOWN],
        classes=db().scalars(classes_of_school(draft.school_id, draft.campaign_id)).all(),
    ), 409 if refused else 200
