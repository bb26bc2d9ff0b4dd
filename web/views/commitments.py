"""Pages of the PaQte commitments: what hosts promised, posted, and whom they welcomed."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from models import Commitment, Network, Role
from web.clock import now
from web.db import db
from web.files import PDF, download
from web.forms.commitments import CommitmentForm
from web.permissions import me, only
from web.services.commitments import (
    ASIDE,
    Statement,
    add_commitment,
    change_commitment,
    choosable_hosts,
    commitment_seen,
    may_write,
    remove_commitment,
    seasons_of,
    territory_statement,
)
from web.services.errors import Gone, Refused
from web.statements import NETWORK_OF, territory_pdf

bp = Blueprint("commitments", __name__, url_prefix="/animation/engagements")
animators = only(Role.ANIMATOR)

Page = str | tuple[str, int]


@bp.get("")
@animators
def page() -> Page:
    statement, network = _asked()
    return render_template(
        "animator/commitments.html",
        statement=statement,
        network=network,
        networks=list(Network),
        seasons=_seasons(),
        mine=me().network,
    )


@bp.get("/bilan.pdf")
@animators
def paper() -> Any:
    statement, network = _asked()
    where = me().territory
    if where is None:
        raise Gone("Ce compte n’anime aucun territoire.")
    made = territory_pdf(statement, network, where, operator=g.settings.operator, at=now(db()))
    scope = network.value if network else "departement"
    return download(made, PDF, f"bilan-paqte-{scope}-{statement.season}.pdf")


@bp.get("/nouveau")
@animators
def new() -> Page:
    form = _form(formdata=None)
    form.season.data = next(iter(_seasons()), None)
    return _form_page(form)


@bp.post("/nouveau")
@animators
def add() -> Any:
    form = _form()
    if not form.validate():
        return _form_page(form), 422
    try:
        made = add_commitment(db(), me(), form.host(), form.entry(), now=now(db()))
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _form_page(form), 409
    flash("Engagement enregistré.", "ok")
    return redirect(url_for(".page", saison=made.season))


@bp.get("/<int:commitment_id>")
@animators
def one(commitment_id: int) -> Page:
    known = commitment_seen(db(), me(), commitment_id)
    return _form_page(_form(formdata=None).show(known), known)


@bp.post("/<int:commitment_id>")
@animators
def save(commitment_id: int) -> Any:
    known, form = commitment_seen(db(), me(), commitment_id), _form()
    if not form.validate():
        return _form_page(form, known), 422
    seen = form.seen.data or ""
    try:
        change_commitment(
            db(),
            me(),
            commitment_id,
            form.entry(),
            host_id=form.host_id.data,
            seen=seen,
            now=now(db()),
        )
    except Gone:
        raise
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _form_page(form, commitment_seen(db(), me(), commitment_id)), 409
    flash("Engagement modifié.", "ok")
    return redirect(url_for(".page", saison=known.season))


@bp.post("/<int:commitment_id>/retrait")
@animators
def remove(commitment_id: int) -> Any:
    remove_commitment(db(), me(), commitment_id, now=now(db()))
    flash("Engagement retiré de la liste.", "ok")
    return redirect(url_for(".page"))


def _seasons() -> list[int]:
    return seasons_of(db(), me().territory_id or 0)


def _asked() -> tuple[Statement, Network | None]:
    """The statement of the season and network named in the address."""
    seasons = _seasons()
    typed = request.args.get("saison", "")
    season = int(typed) if typed.isdecimal() and int(typed) in seasons else None
    season = season or next(iter(seasons), now(db()).year)
    network = NETWORK_OF.get(request.args.get("reseau", ""))
    return territory_statement(db(), me().territory_id or 0, season, network), network


def _form(**kwargs: Any) -> CommitmentForm:
    hosts = choosable_hosts(db(), me().territory_id or 0)
    return CommitmentForm(**kwargs).offer(hosts, _seasons(), me().network)


def _form_page(form: CommitmentForm, known: Commitment | None = None) -> str:
    aside = "" if known is None or may_write(me(), known.network) else ASIDE
    return render_template("animator/commitment.html", form=form, known=known, aside=aside)
