"""Pages for hosts: register, follow one's offers, see who comes."""

import secrets
from collections.abc import Sequence

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from models import (
    Host,
    Offer,
    OfferKind,
    Role,
    held_by_offer,
    host_with_sites,
    offer_of_host,
    offers_of_host,
    past_offers_of_host,
    pathways_through,
)
from web.adapters.companies import register_at
from web.clock import now
from web.db import db
from web.format import paris
from web.forms.host import FindForm, RegisterForm, SiteForm, WithdrawForm
from web.permissions import me, only, public
from web.services.errors import Gone, Refused
from web.services.hosts import add_site as add_one
from web.services.hosts import register_host
from web.services.known_sites import proposed_site
from web.services.offer_changes import standing
from web.services.offer_copies import duplicate_offer
from web.services.offer_drafts import may_edit, takes_offers
from web.services.offers import SEEN, being_computed, consequences, withdraw_offer
from web.services.place_problems import places_in_trouble
from web.services.seasons import current_campaign, results_are_out
from web.services.welcome import welcomed

bp = Blueprint("host", __name__, url_prefix="/structure")

Page = tuple[str, int]


@bp.get("/inscription")
@public
def register():
    form, find = RegisterForm(formdata=None), FindForm(request.args)
    if "numero" not in request.args:
        return _register_page(form)
    if not find.validate():
        return _register_page(form, 422, find=find)
    known_by = register_at(g.settings.register_url)
    try:
        site = proposed_site(db(), find.numero.data, known_by)
    except Refused as refused:
        find.refuse(Refused(str(refused), "numero"))
        return _register_page(form, 409, find=find)
    return _register_page(form.propose(find.numero.data, site), find=find, known=site is not None)


@bp.post("/inscription")
@public
def save_registration():
    form = RegisterForm()
    if not form.validate():
        return _register_page(form, 422)
    try:
        register_host(db(), form.entry(), address=request.remote_addr or "", now=now(db()))
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _register_page(form, 409)
    return redirect(url_for(".registered"))


@bp.get("/inscription/merci")
@public
def registered():
    return render_template("host/registered.html")


@bp.get("/")
@only(Role.HOST)
def home():
    host, at = own_host(), now(db())
    campaign = current_campaign(db(), host.territory_id)
    offers = db().scalars(offers_of_host(host.id, campaign.id)).all() if campaign else []
    past = db().scalars(past_offers_of_host(host.id, campaign.id)).all() if campaign else []
    held = dict(db().execute(held_by_offer(campaign.id, host.id)).all()) if campaign else {}
    to_correct = [
        one for one in offers if campaign and one.return_reason and may_edit(one, campaign, at)
    ]
    return render_template(
        "host/home.html",
        host=host,
        campaign=campaign,
        offers=offers,
        past=past,
        words={one.id: standing(one, held.get(one.id, 0), paris(at).date()) for one in offers},
        to_correct=to_correct,
        published=campaign is not None and results_are_out(campaign),
        open=campaign is not None and takes_offers(campaign, at),
    )


@bp.get("/offres/<int:offer_id>")
@only(Role.HOST)
def offer(offer_id: int):
    return _offer_page(offer_id, WithdrawForm(formdata=None))


@bp.post("/offres/<int:offer_id>/copie")
@only(Role.HOST)
def duplicate(offer_id: int):
    copy = duplicate_offer(
        db(),
        offer_id,
        own_id(),
        form_key=request.form.get("form_key", "")[:80] or None,
        by=me().account_id,
        now=now(db()),
    )
    flash("Offre copiée. Relisez-la avant de l’envoyer.", "ok")
    return redirect(url_for("host_offer.activity", offer_id=copy.id))


@bp.post("/offres/<int:offer_id>/retrait")
@only(Role.HOST)
def withdraw(offer_id: int):
    form = WithdrawForm()
    if not form.validate():
        return _offer_page(offer_id, form, 422)
    try:
        withdraw_offer(
            db(),
            offer_id,
            own_id(),
            knowing=request.form.get("knowing") == "oui",
            reason=form.reason.data or "",
            by=me().account_id,
            now=now(db()),
        )
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _offer_page(offer_id, form, 409)
    flash("Offre retirée.", "ok")
    return redirect(url_for(".home"))


@bp.get("/eleves")
@only(Role.HOST)
def pupils():
    host = own_host()
    campaign = current_campaign(db(), host.territory_id)
    published = campaign is not None and results_are_out(campaign)
    rows = welcomed(db(), host.id, campaign) if published and campaign else []
    problems = places_in_trouble(db(), [row.placement.id for row in rows])
    return render_template(
        "host/pupils.html", host=host, campaign=campaign, rows=rows, problems=problems
    )


@bp.get("/etablissements/nouveau")
@only(Role.HOST)
def add_site():
    return _site_page(SiteForm(formdata=None))


@bp.post("/etablissements/nouveau")
@only(Role.HOST)
def save_site():
    form = SiteForm()
    if not form.validate():
        return _site_page(form, 422)
    try:
        add_one(db(), own_id(), form.site(), by=me().account_id, now=now(db()))
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
        return _site_page(form, 409)
    flash("Lieu ajouté.", "ok")
    return redirect(url_for("host_account.page"))


def own_id() -> int:
    """The host that the signed-in person works for."""
    host_id = me().host_id
    if host_id is None:
        raise Gone("Ce compte n’est rattaché à aucune structure.")
    return host_id


def own_host() -> Host:
    """The same, with its sites."""
    return db().scalars(host_with_sites(own_id())).one()


def _offer_page(offer_id: int, form: WithdrawForm, status: int = 200) -> Page:
    at = now(db())
    one = db().scalars(offer_of_host(offer_id, own_id())).one()
    campaign = current_campaign(db(), one.site.host.territory_id)
    touched = consequences(db(), one)
    return render_template(
        "host/offer.html",
        form=form,
        form_key=secrets.token_urlsafe(16),
        offer=one,
        word=standing(one, len(touched.held), paris(at).date()),
        editable=campaign is not None and may_edit(one, campaign, at),
        touched=touched,
        inside=_pathways_with(one),
        computed=campaign is not None and being_computed(campaign),
        copyable=campaign is not None and takes_offers(campaign, at),
    ), status


def _pathways_with(one: Offer) -> Sequence[Offer]:
    """The parcours that count on these half-days."""
    if one.kind is not OfferKind.HALF_DAYS or one.state not in SEEN:
        return []
    return db().scalars(pathways_through(one.id)).all()


def _register_page(
    form: RegisterForm,
    status: int = 200,
    *,
    find: FindForm | None = None,
    known: bool | None = None,
) -> Page:
    find = find or FindForm(formdata=None)
    return render_template("host/register.html", form=form, find=find, known=known), status


def _site_page(form: SiteForm, status: int = 200) -> Page:
    return render_template("host/add_site.html", form=form), status
