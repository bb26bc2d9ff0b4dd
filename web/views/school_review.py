"""Pages on which a school reads what is proposed to its pupils, and asks for changes."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from models import Assignment
from web.clock import now
from web.db import db
from web.forms.school_review import ObjectionForm
from web.permissions import me
from web.services.errors import Gone, Refused
from web.services.follow_up import FollowUp, outline, proposals, without_proposal
from web.services.objections import Reading, ask, companions, reading, withdraw
from web.services.reach import farthest_m
from web.views.school_scope import heads, outlined, own_classes, team

Page = tuple[str, int]

bp = Blueprint("school_review", __name__, url_prefix="/college/relecture")


@bp.get("")
@team
def page() -> str:
    found = outlined()
    return render_template(
        "school/review.html",
        found=found,
        rows=proposals(db(), found, own_classes()),
        silent=without_proposal(db(), found, own_classes()),
        head=own_classes() is None,
        reading=reading(db(), found.round, _school(), now=now(db())) if found.round else None,
    )


@bp.get("/eleves/<int:pupil_id>")
@heads
def pupil(pupil_id: int) -> Page:
    return _pupil_page(pupil_id, None)


@bp.post("/eleves/<int:pupil_id>")
@heads
def object_to(pupil_id: int) -> Any:
    proposal = _proposal(pupil_id)
    form = proposal.fit(ObjectionForm(), place=proposal.has_place)
    if not form.validate():
        return _pupil_page(pupil_id, form, 422)
    try:
        ask(db(), _school(), pupil_id, form.request(), by=me().account_id, now=now(db()))
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _pupil_page(pupil_id, form, 409)
    flash("Demande envoyée. La réponse de l’animation s’affichera ici.", "ok")
    return redirect(url_for(".page"))


@bp.post("/demandes/<int:objection_id>/retirer")
@heads
def take_back(objection_id: int) -> Any:
    withdraw(db(), _school(), objection_id, by=me().account_id, now=now(db()))
    flash("Demande retirée.", "ok")
    return redirect(url_for(".page"))


def _school() -> int:
    return me().school_id or 0


def _found() -> FollowUp:
    return outline(db(), _school())


@dataclass(frozen=True)
class _Proposal:
    """What is proposed to a pupil, among her school's, and what was asked."""

    found: FollowUp
    rows: list[Assignment]
    one: Assignment
    reading: Reading

    @property
    def has_place(self) -> bool:
        """Whether a place is proposed."""
        return self.one.offer_week_id is not None

    def fit(self, form: ObjectionForm, *, place: bool) -> ObjectionForm:
        """Offer in a form the reasons, and the other pupils."""
        return form.offer([r.pupil for r in self.rows if r is not self.one], place=place)


def _proposal(pupil_id: int) -> _Proposal:
    """The proposal made to one of the school's pupils; anything else is not found."""
    found = _found()
    rows = proposals(db(), found)
    one = next((row for row in rows if row.pupil_id == pupil_id), None)
    if one is None or found.round is None:
        raise Gone("Aucune proposition pour cet élève.")
    return _Proposal(found, rows, one, reading(db(), found.round, _school(), now=now(db())))


def _pupil_page(pupil_id: int, form: ObjectionForm | None, status: int = 200) -> Page:
    proposal = _proposal(pupil_id)
    one, place = proposal.one, proposal.one.offer_week
    left = proposal.has_place and not proposal.reading.objected(one)
    blank = ObjectionForm(formdata=None, data={"offer_week_id": str(one.offer_week_id or "")})
    return render_template(
        "school/review_pupil.html",
        one=one,
        reading=proposal.reading,
        companions=companions(proposal.rows, one),
        metres=farthest_m(proposal.found.school, place.offer) if place else None,
        form=form or proposal.fit(blank, place=left),
    ), status
