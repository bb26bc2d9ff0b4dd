"""The life of a campaign and of its rounds: each change of state, by its date or by a button."""

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models import (
    Campaign,
    CampaignState,
    MessageKind,
    PlacementState,
    Round,
    RoundState,
    RunState,
    campaign_by_id,
    campaign_to_change,
    campaigns_in_state,
    guardian_letters,
    placements_of_round,
    runs_of_round,
    school_letters,
)
from web.format import moment
from web.services.errors import Gone, Refused
from web.services.journal import record
from web.services.next_round import begin, only_concerned
from web.services.outbox import tell
from web.services.rounds import draw_is_settled, locked_round, selected_run
from web.services.runs import request_run
from web.services.stages import completing_run
from web.services.verification import offers_snapshot, snapshot

LIVING = (CampaignState.DRAFT, CampaignState.OFFERS_OPEN, CampaignState.RUNNING)
Step = Callable[[Session], object]


def open_offers(session: Session, campaign_id: int, *, by: int | None, now: datetime) -> Campaign:
    """Let hosts post their offers."""
    campaign = session.scalar(campaign_to_change(campaign_id))
    if campaign is None:
        raise Gone("Cette campagne n’existe pas.")
    if campaign.state is not CampaignState.DRAFT:
        raise Refused("Cette campagne a déjà commencé.")
    campaign.state = CampaignState.OFFERS_OPEN
    record(session, "campaign.offers_opened", f"campaign:{campaign.id}", by=by, now=now)
    session.commit()
    return campaign


def open_wishes(session: Session, round_id: int, *, by: int | None, now: datetime) -> Round:
    """Open the wishes: draw the secret, publish its commitment, tell the families."""
    opened = locked_round(session, round_id, RoundState.PLANNED)
    if opened.campaign.state not in (CampaignState.OFFERS_OPEN, CampaignState.RUNNING):
        raise Refused("La campagne n’a pas commencé : les vœux ne peuvent pas s’ouvrir.")
    if now >= opened.wishes_close_at:
        raise Refused("La date de clôture des vœux est déjà passée : changez d’abord les dates.")
    begin(session, opened)
    opened.secret = opened.secret or secrets.token_hex(32)
    opened.commitment = hashlib.sha256(opened.secret.encode()).hexdigest()
    opened.wishes_open_at = min(opened.wishes_open_at, now)
    opened.state = RoundState.WISHES_OPEN
    opened.campaign.state = CampaignState.RUNNING
    _tell_families(session, opened, now)
    record(session, "round.wishes_opened", f"round:{round_id}", by=by, now=now)
    session.commit()
    return opened


def _tell_families(session: Session, opened: Round, now: datetime) -> None:
    children: dict[str, dict[int, str]] = {}
    rows = session.execute(guardian_letters(opened.campaign_id)).all()
    concerned = only_concerned(session, opened, (pupil_id for _, pupil_id, _ in rows))
    for email, pupil_id, first_name in rows:
        if email and pupil_id in concerned:
            children.setdefault(email, {})[pupil_id] = first_name
    letters = [
        (
            email,
            {
                "round_id": opened.id,
                "first_names": list(dict.fromkeys(own.values())),
                "deadline": opened.wishes_close_at.isoformat(),
            },
        )
        for email, own in children.items()
    ]
    tell(session, MessageKind.WISHES_OPENED, f"wishes_opened:{opened.id}", letters, now=now)


def close_wishes(session: Session, round_id: int, *, by: int | None, now: datetime) -> Round:
    """Close the wishes and keep the fingerprint of what the round holds: no list changes again."""
    closed = locked_round(session, round_id, RoundState.WISHES_OPEN)
    if now < closed.wishes_close_at:
        raise Refused(
            f"Les vœux restent ouverts jusqu’au {moment(closed.wishes_close_at)}, "
            "comme les familles l’ont lu."
        )
    closed.state = RoundState.WISHES_CLOSED
    closed.snapshot_sha256 = snapshot(session, closed)
    record(
        session,
        "round.wishes_closed",
        f"round:{round_id}",
        by=by,
        now=now,
        pupils=closed.snapshot_sha256,
        offers=offers_snapshot(session, closed),
    )
    session.commit()
    return closed


def enter_public_value(
    session: Session, round_id: int, value: str, *, by: int, now: datetime
) -> Round:
    """Enter the public value that was named before the wishes: the draw is then settled."""
    settled = locked_round(session, round_id, RoundState.WISHES_CLOSED)
    if not settled.public_value_name:
        raise Refused("Aucune valeur publique n’a été annoncée pour ce tour.", "public_value")
    if settled.public_value is not None:
        raise Refused("La valeur publique est déjà saisie : elle ne change plus.", "public_value")
    if not value.strip():
        raise Refused("Saisissez la valeur publiée.", "public_value")
    settled.public_value = value.strip()
    record(session, "round.public_value", f"round:{round_id}", by=by, now=now, value=value.strip())
    session.commit()
    return settled


def start_review(session: Session, round_id: int, *, by: int | None, now: datetime) -> Round:
    """Show the selected run to the schools and start their delay."""
    reviewed = locked_round(session, round_id, RoundState.WISHES_CLOSED)
    if selected_run(session, reviewed) is None:
        raise Refused("Il faut un calcul vérifié et retenu avant la relecture.")
    reviewed.state = RoundState.REVIEW
    letters = [
        (email, {"round_id": round_id, "deadline": reviewed.review_until.isoformat()})
        for email, _school in session.execute(school_letters(reviewed.campaign_id))
        if email
    ]
    tell(session, MessageKind.REVIEW_OPENED, f"review_opened:{round_id}", letters, now=now)
    record(session, "round.review_started", f"round:{round_id}", by=by, now=now)
    session.commit()
    return reviewed


def select_run(session: Session, round_id: int, run_id: int, *, by: int, now: datetime) -> Round:
    """Choose the run to review and publish.

    Raises:
        Gone: no such run. Refused: not verified, not of the public rule, or another completes it.
    """
    chosen_for = locked_round(session, round_id, RoundState.WISHES_CLOSED, RoundState.REVIEW)
    run = next((r for r in session.scalars(runs_of_round(round_id)) if r.id == run_id), None)
    if run is None:
        raise Gone("Ce calcul n’existe pas.")
    if run.state is not RunState.DONE or not run.publishable:
        raise Refused("Seul un calcul vérifié, fait avec la règle publiée, peut être retenu.")
    if (complete := completing_run(session, run)) is not None:
        raise Refused(
            f"Le calcul {complete.id} complète celui-ci avec les places encore libres : "
            "c’est lui qui se retient."
        )
    chosen_for.selected_run_id = run_id
    record(session, "round.run_selected", f"round:{round_id}", by=by, now=now, run=run_id)
    session.commit()
    return chosen_for


def close_answers(session: Session, round_id: int, *, by: int | None, now: datetime) -> Round:
    """Close the answers: no answer means yes, for the week is compulsory."""
    closed = locked_round(session, round_id, RoundState.PUBLISHED)
    if now < closed.answers_until:
        raise Refused(f"Les familles peuvent répondre jusqu’au {moment(closed.answers_until)}.")
    for placement in session.scalars(placements_of_round(round_id)):
        if placement.state is PlacementState.OFFERED:
            placement.state = PlacementState.ACCEPTED
    closed.state = RoundState.ANSWERS_CLOSED
    record(session, "round.answers_closed", f"round:{round_id}", by=by, now=now)
    session.commit()
    return closed


def close_campaign(
    session: Session, campaign_id: int, *, by: int | None, now: datetime
) -> Campaign:
    """End a campaign whose last week is over."""
    campaign = session.scalar(campaign_to_change(campaign_id))
    if campaign is None:
        raise Gone("Cette campagne n’existe pas.")
    if campaign.state is not CampaignState.RUNNING:
        raise Refused("Cette campagne n’est pas en cours.")
    if now.date() < campaign.last_monday + timedelta(days=7):
        raise Refused("Des élèves sont encore attendus : la campagne reste ouverte.")
    campaign.state = CampaignState.CLOSED
    record(session, "campaign.closed", f"campaign:{campaign_id}", by=by, now=now)
    session.commit()
    return campaign


def advance(session: Session, now: datetime) -> list[str]:
    """Do every change whose date has come, missed ones in order; return what was done.

    Each change is one transaction. Repeating the call, or calling it from two processes, does
    nothing twice.
    """
    done: list[str] = []
    for campaign in session.scalars(campaigns_in_state(*LIVING)).all():
        while (due := due_step(session, campaign.id, now)) is not None:
            name, step = due
            try:
                step(session)
            except Refused:
                session.rollback()
                break
            done.append(f"{name}:{campaign.id}")
    session.commit()
    return done


def due_step(session: Session, campaign_id: int, now: datetime) -> tuple[str, Step] | None:
    """The next change of a campaign whose date has come, if any."""
    campaign = session.scalars(
        campaign_by_id(campaign_id).execution_options(populate_existing=True)
    ).one()
    if campaign.state is CampaignState.DRAFT:
        if now < campaign.offers_open_at:
            return None
        return "open_offers", lambda s: open_offers(s, campaign_id, by=None, now=now)
    for one in campaign.rounds:
        if (step := _due_step_of_round(session, one, now)) is not None:
            return step
    finished = all(r.state is RoundState.ANSWERS_CLOSED for r in campaign.rounds)
    if finished and campaign.state is CampaignState.RUNNING:
        last_day = campaign.last_monday + timedelta(days=7)
        if now.date() >= last_day:
            return "close_campaign", lambda s: close_campaign(s, campaign_id, by=None, now=now)
    return None


def _due_step_of_round(session: Session, one: Round, now: datetime) -> tuple[str, Step] | None:
    match one.state:
        case RoundState.PLANNED if one.wishes_open_at <= now < one.wishes_close_at:
            return "open_wishes", lambda s: open_wishes(s, one.id, by=None, now=now)
        case RoundState.WISHES_OPEN if now >= one.wishes_close_at:
            return "close_wishes", lambda s: close_wishes(s, one.id, by=None, now=now)
        case RoundState.WISHES_CLOSED if selected_run(session, one):
            return "start_review", lambda s: start_review(s, one.id, by=None, now=now)
        case RoundState.WISHES_CLOSED if now >= one.run_at and _run_is_awaited(session, one):
            return "request_run", lambda s: request_run(s, one.id, by=None, now=now)
        case RoundState.PUBLISHED if now >= one.answers_until:
            return "close_answers", lambda s: close_answers(s, one.id, by=None, now=now)
        case _:
            return None


def _run_is_awaited(session: Session, one: Round) -> bool:
    """True when the scheduled run was never asked for and the draw is settled."""
    asked = any(
        run.publishable or (run.requested_by_id is None and run.requested_at >= one.wishes_close_at)
        for run in session.scalars(runs_of_round(one.id))
    )
    return draw_is_settled(one) and not asked
