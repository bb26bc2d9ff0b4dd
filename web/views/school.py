"""Pages for school teams."""

import secrets
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from models import (
    SchoolClass,
    active_placement,
    campaign_by_id,
    pupil_address,
    weeks_of,
    wishes_of,
)
from web.clock import now
from web.db import db
from web.forms.school import ClassForm, NewPupilForm, PupilForm, WeeksForm
from web.permissions import me
from web.services.classes import describe_class, mondays_of
from web.services.errors import Refused
from web.services.follow_up import UNCONFIRMED, Followed, FollowUp, Status, matching_pupils
from web.services.leavers import kept_as_proof, note_departure
from web.services.named_schools import kept_for_label, kept_for_school
from web.services.on_behalf import last_entered
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
from web.services.wishes import closed_reason
from web.views.school_scope import (
    followed,
    heads,
    outlined,
    own_class,
    own_classes,
    own_pupil,
    school_id,
    team,
)

Page = tuple[str, int]

bp = Blueprint("school", __name__, url_prefix="/college")

TODO = "todo"
"""The filter « list not confirmed »: three statuses at once."""


@bp.get("/")
@team
def home():
    found = followed()
    kept, labelled = [], []
    if found.campaign:
        kept = kept_for_school(db(), school_id(), found.campaign.id)
        labelled = kept_for_label(db(), school_id(), found.campaign.id)
    return render_template(
        "school/home.html", found=found, kept=kept, labelled=labelled, Status=Status
    )


@bp.get("/eleves")
@team
def pupils():
    found = followed()
    class_id, status = chosen()
    return render_template(
        "school/pupils.html",
        found=found,
        rows=chosen_rows(found),
        class_id=class_id,
        status=status,
        remindable=found.round is not None and not closed_reason(found.round, now(db())),
    )


@bp.get("/classes")
@team
def classes():
    return render_template("school/classes.html", found=followed())


@bp.get("/classes/<int:class_id>")
@team
def school_class(class_id: int):
    return _class_page(class_id, None)


@bp.post("/classes/<int:class_id>")
@heads
def save_weeks(class_id: int):
    form = _weeks_form(own_class(class_id), WeeksForm())
    if not form.validate():
        return _class_page(class_id, form, 422)
    try:
        choose_class_weeks(
            db(), school_id(), class_id, form.weeks.data, by=me().account_id, now=now(db())
        )
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _class_page(class_id, form, 409)
    flash("Semaines enregistrées.", "ok")
    return redirect(url_for(".school_class", class_id=class_id))


@bp.post("/classes/<int:class_id>/fiche")
@heads
def save_class(class_id: int):
    own_class(class_id)
    form = ClassForm()
    if not form.validate():
        return _class_page(class_id, None, 422, facts=form)
    try:
        describe_class(db(), school_id(), class_id, form.facts(), by=me().account_id, now=now(db()))
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _class_page(class_id, None, 409, facts=form)
    flash("Fiche de la classe enregistrée.", "ok")
    return redirect(url_for(".school_class", class_id=class_id))


@bp.get("/eleves/nouveau")
@team
def add_pupil():
    form = NewPupilForm(class_id=request.args.get("classe", type=int))
    return _add_page(form.offer_classes(_classes(), may_add=own_classes() is None))


@bp.post("/eleves/nouveau")
@team
def save_new_pupil():
    form = NewPupilForm()
    form.offer_classes(_classes(), may_add=own_classes() is None)
    if not form.validate():
        return _add_page(form, 422)
    try:
        made = add_one(db(), school_id(), form.entry(), by=me().account_id, now=now(db()))
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
@team
def pupil(pupil_id: int):
    one = own_pupil(pupil_id)
    found = followed()
    row = next((row for row in found.pupils if row.pupil.id == one.id), None)
    return render_template(
        "school/pupil.html",
        pupil=one,
        key=secrets.token_urlsafe(16),
        found=found,
        row=row,
        wishes=db().scalars(wishes_of(one.id)).all(),
        placement=db().scalar(active_placement(one.id)) if found.published else None,
        entered=last_entered(db(), one.id),
        own_address=db().scalar(pupil_address(one.id)),
        kept=kept_as_proof(db(), one.id),
        open=found.round is not None and not closed_reason(found.round, now(db())),
    )


@bp.post("/eleves/<int:pupil_id>/code")
@team
def renew_pupil_code(pupil_id: int):
    own_pupil(pupil_id)
    key = request.form.get("key", "")
    letter = renew_code(db(), school_id(), pupil_id, by=me().account_id, now=now(db()), key=key)
    return _letters_page(pupil_id, [letter])


@bp.post("/eleves/<int:pupil_id>/responsables/<int:guardian_id>/code")
@team
def renew_guardian(pupil_id: int, guardian_id: int):
    own_pupil(pupil_id)
    letter = renew_guardian_code(
        db(),
        school_id(),
        pupil_id,
        guardian_id,
        by=me().account_id,
        now=now(db()),
        key=request.form.get("key", ""),
    )
    return _letters_page(pupil_id, [letter])


@bp.get("/eleves/<int:pupil_id>/corriger")
@team
def correct_pupil(pupil_id: int):
    one = own_pupil(pupil_id)
    form = PupilForm(formdata=None).offer_classes(_classes(), may_add=own_classes() is None)
    return _correct_page(one, form.show(one))


@bp.post("/eleves/<int:pupil_id>/corriger")
@team
def save_pupil(pupil_id: int):
    one = own_pupil(pupil_id)
    form = PupilForm().offer_classes(_classes(), may_add=own_classes() is None)
    if not form.validate():
        return _correct_page(one, form, 422)
    try:
        correct_one(db(), school_id(), pupil_id, form.entry(), by=me().account_id, now=now(db()))
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _correct_page(one, form, 409)
    flash("Corrections enregistrées.", "ok")
    return redirect(url_for(".pupil", pupil_id=pupil_id))


@bp.post("/eleves/<int:pupil_id>/retirer")
@heads
def remove_pupil(pupil_id: int):
    remove_one(db(), school_id(), pupil_id, by=me().account_id, now=now(db()))
    flash("Élève retiré de votre collège, avec ses vœux et ses codes.", "ok")
    return redirect(url_for(".pupils"))


@bp.post("/eleves/<int:pupil_id>/depart")
@heads
def pupil_left(pupil_id: int):
    note_departure(db(), school_id(), pupil_id, by=me().account_id, now=now(db()))
    flash("Départ noté. Sa place, si une place était tenue, est de nouveau libre.", "ok")
    return redirect(url_for(".pupils"))


@bp.get("/resultats")
@team
def results():
    return render_template("school/results.html", found=followed())


def _classes() -> list[SchoolClass]:
    return [row.school_class for row in outlined().classes]


def _weeks_form(own: SchoolClass, form: WeeksForm) -> WeeksForm:
    return form.offer_weeks(list(db().scalars(weeks_of(own.campaign_id))))


def chosen() -> tuple[int | None, str]:
    """The class and the status that the address asks for."""
    return request.values.get("classe", type=int), request.values.get("etat", "")


def chosen_rows(found: FollowUp) -> list[Followed]:
    """The pupils of this class and this status."""
    class_id, status = chosen()
    wanted = UNCONFIRMED if status == TODO else [s for s in Status if s.value == status]
    return matching_pupils(found, class_id, wanted)


def _class_page(
    class_id: int, form: WeeksForm | None, status: int = 200, *, facts: ClassForm | None = None
) -> Page:
    own = own_class(class_id)
    ticked = [week.id for week in own.weeks]
    found = followed()
    campaign = db().scalars(campaign_by_id(own.campaign_id)).one()
    return render_template(
        "school/school_class.html",
        school_class=own,
        found=found,
        form=form or _weeks_form(own, WeeksForm(formdata=None, data={"weeks": ticked})),
        facts=facts or ClassForm.of(own),
        mondays=mondays_of(campaign),
        head=own_classes() is None,
        open=found.round is not None and found.round.state in OPEN,
        rows=matching_pupils(found, class_id),
    ), status


def _add_page(form: NewPupilForm, status: int = 200, **more: Any) -> Page:
    return render_template("school/add_pupil.html", form=form, found=outlined(), **more), status


def _correct_page(one: Any, form: PupilForm, status: int = 200) -> Page:
    return render_template("school/correct_pupil.html", pupil=one, form=form), status


def _letters_page(
    pupil_id: int, letters: list[Letter], known: list[str] | None = None, *, added: bool = False
) -> str:
    one = own_pupil(pupil_id)
    return render_template(
        "school/letters.html", pupil=one, letters=letters, known=known or [], added=added
    )
