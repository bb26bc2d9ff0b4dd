"""Pages for school teams."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from models import (
    Role,
    SchoolClass,
    active_placement,
    class_of_school,
    classes_of_school,
    pupil_file,
    weeks_of,
    wishes_of,
)
from web.clock import now
from web.db import db
from web.forms.school import NewPupilForm, PupilForm, WeeksForm
from web.permissions import me, only
from web.services.errors import Gone, Refused
from web.services.follow_up import (
    UNCONFIRMED,
    FollowUp,
    Status,
    follow_up,
    matching_pupils,
)
from web.services.schools import (
    OPEN,
    AlreadyThere,
    Letter,
    choose_class_weeks,
    renew_code,
    renew_guardian_code,
)
from web.services.schools import (
    add_pupil as add_one,
)
from web.services.schools import (
    correct_pupil as correct_one,
)
from web.services.schools import (
    remove_pupil as remove_one,
)

Page = tuple[str, int]

bp = Blueprint("school", __name__, url_prefix="/college")

TODO = "todo"
"""The filter « list not confirmed »: three statuses at once."""


@bp.get("/")
@only(Role.SCHOOL)
def home():
    return render_template("school/home.html", found=_found(), Status=Status)


@bp.get("/eleves")
@only(Role.SCHOOL)
def pupils():
    found = _found()
    class_id = request.args.get("classe", type=int)
    status = request.args.get("etat", "")
    wanted = UNCONFIRMED if status == TODO else [s for s in Status if s.value == status]
    rows = matching_pupils(found, class_id, wanted)
    return render_template(
        "school/pupils.html", found=found, rows=rows, class_id=class_id, status=status
    )


@bp.get("/classes")
@only(Role.SCHOOL)
def classes():
    return render_template("school/classes.html", found=_found())


@bp.get("/classes/<int:class_id>")
@only(Role.SCHOOL)
def school_class(class_id: int):
    return _class_page(class_id, None)


@bp.post("/classes/<int:class_id>")
@only(Role.SCHOOL)
def save_weeks(class_id: int):
    form = _weeks_form(_own_class(class_id), WeeksForm())
    if not form.validate():
        return _class_page(class_id, form, 422)
    try:
        choose_class_weeks(
            db(), _school(), class_id, form.weeks.data, by=me().account_id, now=now(db())
        )
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _class_page(class_id, form, 409)
    flash("Semaines enregistrées.", "ok")
    return redirect(url_for(".school_class", class_id=class_id))


@bp.get("/eleves/nouveau")
@only(Role.SCHOOL)
def add_pupil():
    form = NewPupilForm(class_id=request.args.get("classe", type=int))
    return _add_page(form.offer_classes(_classes()))


@bp.post("/eleves/nouveau")
@only(Role.SCHOOL)
def save_new_pupil():
    form = NewPupilForm()
    form.offer_classes(_classes())
    if not form.validate():
        return _add_page(form, 422)
    try:
        made = add_one(db(), _school(), form.entry(), by=me().account_id, now=now(db()))
    except AlreadyThere as known:
        db().rollback()
        form.refuse(known)
        return _add_page(form, 409, known_id=known.pupil_id)
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _add_page(form, 422)
    return _letters_page(made.pupil.id, made.letters, made.known_guardians, added=True)


@bp.get("/eleves/<int:pupil_id>")
@only(Role.SCHOOL)
def pupil(pupil_id: int):
    one = db().scalars(pupil_file(pupil_id, _school())).one()
    found = _found()
    row = next(row for row in found.pupils if row.pupil.id == one.id)
    return render_template(
        "school/pupil.html",
        pupil=one,
        found=found,
        row=row,
        wishes=db().scalars(wishes_of(one.id)).all(),
        placement=db().scalar(active_placement(one.id)) if found.published else None,
    )


@bp.post("/eleves/<int:pupil_id>/code")
@only(Role.SCHOOL)
def renew_pupil_code(pupil_id: int):
    letter = renew_code(db(), _school(), pupil_id, by=me().account_id, now=now(db()))
    return _letters_page(pupil_id, [letter])


@bp.post("/eleves/<int:pupil_id>/responsables/<int:guardian_id>/code")
@only(Role.SCHOOL)
def renew_guardian(pupil_id: int, guardian_id: int):
    letter = renew_guardian_code(
        db(), _school(), pupil_id, guardian_id, by=me().account_id, now=now(db())
    )
    return _letters_page(pupil_id, [letter])


@bp.get("/eleves/<int:pupil_id>/corriger")
@only(Role.SCHOOL)
def correct_pupil(pupil_id: int):
    one = db().scalars(pupil_file(pupil_id, _school())).one()
    form = PupilForm(formdata=None).offer_classes(_classes())
    return _correct_page(one, form.show(one))


@bp.post("/eleves/<int:pupil_id>/corriger")
@only(Role.SCHOOL)
def save_pupil(pupil_id: int):
    one = db().scalars(pupil_file(pupil_id, _school())).one()
    form = PupilForm().offer_classes(_classes())
    if not form.validate():
        return _correct_page(one, form, 422)
    try:
        correct_one(db(), _school(), pupil_id, form.entry(), by=me().account_id, now=now(db()))
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _correct_page(one, form, 409)
    flash("Corrections enregistrées.", "ok")
    return redirect(url_for(".pupil", pupil_id=pupil_id))


@bp.post("/eleves/<int:pupil_id>/retirer")
@only(Role.SCHOOL)
def remove_pupil(pupil_id: int):
    remove_one(db(), _school(), pupil_id, by=me().account_id, now=now(db()))
    flash("Élève retiré de votre collège, avec ses vœux et ses codes.", "ok")
    return redirect(url_for(".pupils"))


@bp.get("/resultats")
@only(Role.SCHOOL)
def results():
    return render_template("school/results.html", found=_found())


def _school() -> int:
    school_id = me().school_id
    if school_id is None:
        raise Gone("Ce compte n’est rattaché à aucun collège.")
    return school_id


def _found() -> FollowUp:
    return follow_up(db(), _school())


def _classes() -> list[SchoolClass]:
    campaign = _found().campaign
    return list(db().scalars(classes_of_school(_school(), campaign.id))) if campaign else []


def _own_class(class_id: int) -> SchoolClass:
    return db().scalars(class_of_school(class_id, _school())).one()


def _weeks_form(own: SchoolClass, form: WeeksForm) -> WeeksForm:
    return form.offer_weeks(list(db().scalars(weeks_of(own.campaign_id))))


def _class_page(class_id: int, form: WeeksForm | None, status: int = 200) -> Page:
    own = _own_class(class_id)
    chosen = [week.id for week in own.weeks]
    found = _found()
    return render_template(
        "school/school_class.html",
        school_class=own,
        found=found,
        form=form or _weeks_form(own, WeeksForm(formdata=None, data={"weeks": chosen})),
        open=found.round is not None and found.round.state in OPEN,
        rows=matching_pupils(found, class_id),
    ), status


def _add_page(form: NewPupilForm, status: int = 200, **more: Any) -> Page:
    return render_template("school/add_pupil.html", form=form, found=_found(), **more), status


def _correct_page(one: Any, form: PupilForm, status: int = 200) -> Page:
    return render_template("school/correct_pupil.html", pupil=one, form=form), status


def _letters_page(
    pupil_id: int, letters: list[Letter], known: list[str] | None = None, *, added: bool = False
) -> str:
    one = db().scalars(pupil_file(pupil_id, _school())).one()
    return render_template(
        "school/letters.html", pupil=one, letters=letters, known=known or [], added=added
    )
