"""Pages for animators: the campaign, its offers, its runs, their review and publication."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from models import (
    Campaign,
    Label,
    MessageState,
    Offer,
    OfferState,
    Role,
    Round,
    Run,
    RunState,
    count_reports_waiting,
    entered_of_offer,
    offer_in_territory,
    round_in_territory,
    round_message_counts,
    round_text_counts,
    runs_of_round,
    troubled_messages,
    waiting_objections,
)
from web.clock import now
from web.db import db
from web.forms.animator import DatesForm, PublicValueForm, ReturnOfferForm
from web.forms.entered import ConfirmForm
from web.mailer import writer
from web.permissions import me, only
from web.services import adjust, campaigns, replacing
from web.services.comparison import run_name
from web.services.dates import NAMES, change_dates, dates_of
from web.services.errors import Gone, Refused
from web.services.figures import campaign_figures, figures_of, published_figures
from web.services.freezing.scenario import Scenario
from web.services.named_schools import named_schools
from web.services.next_round import coming_round, may_plan
from web.services.offers import approve_offer, offer_desk, return_offer
from web.services.publication import given_by, letters, obstacle, publish, samples
from web.services.review import (
    empty_seats,
    run_seen,
    school_review,
    school_rows,
    search_pupils,
)
from web.services.rounds import draw_is_settled, selected_run, shown_seed
from web.services.run_inputs import frozen_at
from web.services.runs import PENDING, request_run
from web.services.seasons import latest_campaign
from web.services.stages import completing_run
from web.services.two_people import publication_asked
from web.services.verification import checks_of, proved
from web.views.scenarios import runs_page

Page = str | tuple[str, int]

bp = Blueprint("animator", __name__, url_prefix="/animation")
animators = only(Role.ANIMATOR)

STEPS: dict[str, tuple[Callable[..., Any], str]] = {
    "ouvrir-les-voeux": (campaigns.open_wishes, "Les vœux sont ouverts."),
    "clore-les-voeux": (campaigns.close_wishes, "Les vœux sont clos."),
    "ouvrir-la-relecture": (campaigns.start_review, "Les collèges peuvent relire."),
    "clore-les-reponses": (campaigns.close_answers, "Les réponses sont closes."),
}


def _territory() -> int:
    return me().territory_id or 0


def _campaign() -> Campaign:
    """The campaign that animators work in; none: a 404, the home page says what to do."""
    campaign = latest_campaign(db(), _territory())
    if campaign is None:
        raise Gone("Aucune campagne.")
    return campaign


def _round(round_id: int) -> Round:
    return db().scalars(round_in_territory(round_id, _territory())).one()


def _chosen_run(of_round: Round) -> Run | None:
    """The run to read: the selected one, else the last that is finished."""
    runs = db().scalars(runs_of_round(of_round.id)).all()
    done = (run for run in runs if run.state is RunState.DONE)
    return selected_run(db(), of_round) or next(done, None)


@bp.get("/")
@animators
def home() -> Page:
    campaign = latest_campaign(db(), _territory())
    if campaign is None:
        return render_template("animator/no_campaign.html")
    turn = campaign.current_round
    runs = db().scalars(runs_of_round(turn.id)).all()
    return render_template(
        "animator/campaign.html",
        campaign=campaign,
        turn=turn,
        found=campaign_figures(db(), campaign),
        given=published_figures(db(), campaign),
        selected=selected_run(db(), turn),
        pending=next((run for run in runs if run.state in PENDING), None),
        settled=draw_is_settled(turn),
        asked=db().scalar(waiting_objections(turn.id)),
        after=replacing.aftermath(db(), campaign),
        coming=coming_round(campaign),
        may_plan=may_plan(campaign),
    )


@bp.post("/campagnes/<int:campaign_id>/ouvrir-aux-offres")
@animators
def open_to_offers(campaign_id: int) -> Any:
    if _campaign().id != campaign_id:
        raise Gone("Cette campagne n’existe pas.")
    campaigns.open_offers(db(), campaign_id, by=me().account_id, now=now(db()))
    flash("Les structures peuvent proposer leurs offres.", "ok")
    return redirect(url_for(".home"))


@bp.post("/tours/<int:round_id>/<string:step>")
@animators
def take_step(round_id: int, step: str) -> Any:
    turn = _round(round_id)
    if step not in STEPS:
        raise Gone("Cette étape n’existe pas.")
    act, said = STEPS[step]
    act(db(), turn.id, by=me().account_id, now=now(db()))
    flash(said, "ok")
    return redirect(url_for(".home"))


@bp.get("/dates")
@animators
def dates() -> Page:
    turn = coming_round(_campaign())
    return _dates_page(turn, DatesForm().show(dates_of(turn), turn.public_value_name))


@bp.post("/tours/<int:round_id>/dates")
@animators
def save_dates(round_id: int) -> Any:
    turn, form = _round(round_id), DatesForm()
    if form.validate():
        typed = form.dates(dates_of(turn))
        named = form.public_value_name.data or ""
        moment = now(db())
        try:
            change_dates(
                db(), turn.id, typed, public_value_name=named, by=me().account_id, now=moment
            )
        except Refused as refused:
            db().rollback()
            form.refuse(refused)
        else:
            flash("Les dates sont enregistrées.", "ok")
            return redirect(url_for(".home"))
    return _dates_page(_round(round_id), form), 422


def _dates_page(turn: Round, form: DatesForm) -> str:
    return render_template("animator/dates.html", turn=turn, form=form, names=NAMES)


@bp.get("/valeur-publique")
@animators
def public_value() -> Page:
    return _value_page(_campaign().current_round, PublicValueForm(formdata=None))


@bp.post("/tours/<int:round_id>/valeur-publique")
@animators
def save_public_value(round_id: int) -> Any:
    turn, form = _round(round_id), PublicValueForm()
    if form.validate():
        try:
            campaigns.enter_public_value(
                db(), turn.id, form.public_value.data, by=me().account_id, now=now(db())
            )
        except Refused as refused:
            db().rollback()
            form.refuse(refused)
        else:
            flash("La valeur publique est enregistrée : le tirage est fixé.", "ok")
            return redirect(url_for(".home"))
    return _value_page(_round(round_id), form), 422


def _value_page(turn: Round, form: PublicValueForm) -> str:
    return render_template("animator/public_value.html", turn=turn, form=form)


@bp.get("/offres")
@animators
def offers() -> Page:
    state = OfferState(request.args["etat"]) if _known_state() else OfferState.SUBMITTED
    page = request.args.get("page", 1, type=int)
    return render_template(
        "animator/offers.html",
        desk=offer_desk(db(), _territory(), _campaign().id, state, page),
        state=state,
        reported=db().scalars(count_reports_waiting(_territory())).one(),
    )


def _known_state() -> bool:
    return request.args.get("etat") in {state.value for state in OfferState}


def _offer(offer_id: int) -> Offer:
    return db().scalars(offer_in_territory(offer_id, _territory())).one()


@bp.get("/offres/<int:offer_id>")
@animators
def offer(offer_id: int) -> Page:
    return _offer_page(_offer(offer_id), ReturnOfferForm(formdata=None))


def _offer_page(one: Offer, form: ReturnOfferForm) -> str:
    return render_template(
        "animator/offer.html",
        named_schools=named_schools(db(), one.site.host, one),
        offer=one,
        form=form,
        entered=db().scalar(entered_of_offer(one.id)),
        confirm=ConfirmForm(prefix="c-", formdata=None),
    )


@bp.post("/offres/<int:offer_id>/approuver")
@animators
def approve(offer_id: int) -> Any:
    one = approve_offer(db(), offer_id, _territory(), by=me().account_id, now=now(db()))
    flash(f"« {one.title} » est ouverte aux élèves.", "ok")
    return redirect(url_for(".offers"))


@bp.post("/offres/<int:offer_id>/a-corriger")
@animators
def send_back(offer_id: int) -> Any:
    form = ReturnOfferForm()
    if form.validate():
        by, at = me().account_id, now(db())
        one = return_offer(db(), offer_id, _territory(), form.reason.data, by=by, now=at)
        flash(f"« {one.title} » est retournée à la structure, avec votre message.", "ok")
        return redirect(url_for(".offers"))
    return _offer_page(_offer(offer_id), form), 422


@bp.get("/calculs")
@animators
def runs() -> Page:
    return runs_page(_campaign().current_round)


@bp.post("/tours/<int:round_id>/calculs")
@animators
def start_run(round_id: int) -> Any:
    run = request_run(db(), _round(round_id).id, by=me().account_id, now=now(db()))
    return redirect(url_for(".run", run_id=run.id))


@bp.get("/calculs/<int:run_id>")
@animators
def run(run_id: int) -> Page:
    one = run_seen(db(), run_id, _territory())
    return render_template(
        "animator/run.html",
        run=one,
        turn=one.round,
        figures=figures_of(one),
        checks=checks_of(one),
        seed=shown_seed(one),
        name=run_name(one),
        scenario=Scenario.from_json(one.scenario),
        proved=proved(one),
        pending=one.state in PENDING,
        frozen_at=frozen_at(one),
        based=adjust.base_run(db(), one) is not None,
        complete=completing_run(db(), one),
    )


@bp.post("/calculs/<int:run_id>/retenir")
@animators
def select_run(run_id: int) -> Any:
    one = run_seen(db(), run_id, _territory())
    campaigns.select_run(db(), one.round_id, one.id, by=me().account_id, now=now(db()))
    flash("Ce calcul est retenu pour la relecture et la publication.", "ok")
    return redirect(url_for(".run", run_id=run_id))


@bp.get("/relecture")
@animators
def review() -> Page:
    turn = _campaign().current_round
    one = _chosen_run(turn)
    if one is None:
        return render_template("animator/review_empty.html", turn=turn)
    words, label = request.args.get("q", "").strip(), _asked_label()
    unplaced = request.args.get("vu") == "sans-solution"
    asked = bool(words or label or unplaced)
    page = request.args.get("page", 1, type=int)
    return render_template(
        "animator/review.html",
        run=one,
        turn=turn,
        figures=figures_of(one),
        checks=checks_of(one),
        seed=shown_seed(one),
        schools=school_rows(db(), one),
        found=search_pupils(db(), one, words, label, unplaced=unplaced, page=page)
        if asked
        else None,
        words=words,
        label=label,
        unplaced=unplaced,
        pending=adjust.pending(db(), turn),
        labels=list(Label),
        asked=db().scalar(waiting_objections(turn.id)),
    )


def _asked_label() -> Label | None:
    asked = request.args.get("label")
    return next((label for label in Label if label.value == asked), None)


@bp.get("/relecture/<int:run_id>/colleges/<int:school_id>")
@animators
def review_school(run_id: int, school_id: int) -> Page:
    one = run_seen(db(), run_id, _territory())
    row, pupils = school_review(db(), one, school_id)
    return render_template("animator/review_school.html", run=one, row=row, pupils=pupils)


@bp.get("/publication")
@animators
def publication() -> Page:
    turn = _campaign().current_round
    one = selected_run(db(), turn)
    if one is None:
        return render_template("animator/review_empty.html", turn=turn)
    published = turn.published_at is not None
    given = [] if published else given_by(db(), one)
    mailing = None if published else letters(db(), turn, given)
    return render_template(
        "animator/publication.html",
        run=run_seen(db(), one.id, _territory()),
        turn=turn,
        figures=figures_of(one),
        asked=publication_asked(db(), turn, one) if turn.campaign.two_people else None,
        missing=None if published else obstacle(db(), turn, given),
        mailing=mailing,
        samples=samples(db(), mailing) if mailing else [],
        writer=writer,
        empty=empty_seats(db(), one),
    )


@bp.post("/tours/<int:round_id>/publier")
@animators
def publish_round(round_id: int) -> Any:
    turn = publish(db(), _round(round_id).id, by=me().account_id, now=now(db()))
    if turn.published_at is None:
        flash("Demande enregistrée : une autre personne de l’animation confirme ici même.", "ok")
        return redirect(url_for(".publication"))
    flash("Les résultats sont publiés. Les messages partent dans les minutes qui suivent.", "ok")
    return redirect(url_for(".publication"))


@bp.get("/messages")
@animators
def messages() -> Page:
    turn = _campaign().current_round
    counts: dict[Any, dict[MessageState, int]] = {}
    for kind, state, count in db().execute(round_message_counts(turn.id)):
        counts.setdefault(kind, {})[state] = count
    troubled = db().scalars(troubled_messages(turn.id)).all()
    return render_template(
        "animator/messages.html",
        turn=turn,
        counts=counts,
        troubled=troubled,
        states=list(MessageState),
        texts={one.state: one.count for one in db().execute(round_text_counts(turn.id))},
    )
