"""The outbox: one row per recipient and event, mail or SMS, drained by a timed job."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Index, Select, UniqueConstraint, and_, func, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Labelled


class MessageKind(Labelled):
    CONFIRM_ADDRESS = "confirm_address", "Confirmation d’adresse"
    FAMILY_LINK = "family_link", "Lien d’accès d’une famille"
    TEAM_JOINED = "team_joined", "Invitation à un rôle"
    WISHES_OPENED = "wishes_opened", "Ouverture des vœux"
    WISHES_REMINDER = "wishes_reminder", "Rappel des vœux"
    SCHOOL_REMINDER = "school_reminder", "Relance du collège"
    WISHES_CONFIRMED = "wishes_confirmed", "Reçu de la liste"
    OFFER_SUBMITTED = "offer_submitted", "Offre à relire"
    OFFER_TO_CONFIRM = "offer_to_confirm", "Offre à confirmer"
    OFFER_APPROVED = "offer_approved", "Offre approuvée"
    OFFER_RETURNED = "offer_returned", "Offre à corriger"
    OFFER_WITHDRAWN = "offer_withdrawn", "Offre retirée"
    PATHWAY_BROKEN = "pathway_broken", "Étape de parcours retirée"
    PLACES_CANCELLED = "places_cancelled", "Places annulées par une structure"
    PLACE_CHANGED = "place_changed", "Stage dont les horaires ou l’accueil changent"
    REVIEW_OPENED = "review_opened", "Relecture ouverte"
    OBJECTION_DECIDED = "objection_decided", "Réponse à une demande de relecture"
    RESULT_FAMILY = "result_family", "Résultat pour la famille"
    RESULT_SCHOOL = "result_school", "Résultats du collège"
    RESULT_HOST = "result_host", "Élèves accueillis"
    PLACE_GIVEN = "place_given", "Place donnée après la publication"
    PLACE_LOST = "place_lost", "Place rendue ou annulée"
    GROUP_BELOW = "group_below", "Groupe sous son minimum"
    PLACE_PROBLEM = "place_problem", "Problème signalé par une structure"
    PROSPECT_INVITED = "prospect_invited", "Invitation à accueillir"


class MessageState(Labelled):
    QUEUED = "queued", "À envoyer"
    SENDING = "sending", "Envoi en cours"
    SENT = "sent", "Envoyé"
    FAILED = "failed", "Échec"
    UNCERTAIN = "uncertain", "Incertain"


class Message(Base):
    """A mail or an SMS to one person about one event. `event_key` names it: "publication:3".

    `recipient` is a mail address, or a number: +33612345678.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("recipient", "event_key"),
        Index("ix_messages_state_next_try_at", "state", "next_try_at"),
    )

    kind: Mapped[MessageKind]
    recipient: Mapped[str]
    event_key: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[MessageState] = mapped_column(default=MessageState.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    subject: Mapped[str] = mapped_column(default="")
    body: Mapped[str] = mapped_column(default="")
    failure: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    @property
    def by_phone(self) -> bool:
        """Whether this is an SMS."""
        return self.recipient.startswith("+") and "@" not in self.recipient


_BY_PHONE = and_(Message.recipient.startswith("+"), ~Message.recipient.contains("@"))


def messages_due(now: datetime, *, mail: bool = True, texts: bool = True) -> Select[Message]:
    """The messages whose hour has come, oldest first; limit it to what one process takes."""
    due = select(Message).where(Message.state == MessageState.QUEUED, Message.next_try_at <= now)
    if not mail:
        due = due.where(_BY_PHONE)
    if not texts:
        due = due.where(~_BY_PHONE)
    return due.order_by(Message.id).with_for_update(skip_locked=True)


def messages_stuck(before: datetime) -> Select[Message]:
    """The messages handed to the mail server before then whose fate is unknown."""
    return select(Message).where(Message.state == MessageState.SENDING, Message.claimed_at < before)


def messages_by_state() -> Select[MessageState, int]:
    """(state, count) of all messages."""
    return select(Message.state, func.count()).group_by(Message.state)


def message_exists(recipient: str, event_key: str) -> Select[int]:
    """The id of the message that already tells this person of this event."""
    return select(Message.id).where(Message.recipient == recipient, Message.event_key == event_key)


def recipients_told(event_key: str) -> Select[str]:
    """Who already has a message about this event."""
    return select(Message.recipient).where(Message.event_key == event_key)


def reminded_since(moment: datetime, recipients: Collection[str]) -> Select[str]:
    """Who among these people has been reminded of the wishes since a moment, by anyone."""
    return select(Message.recipient).where(
        Message.kind.in_((MessageKind.WISHES_REMINDER, MessageKind.SCHOOL_REMINDER)),
        Message.created_at >= moment,
        Message.recipient.in_(recipients),
    )


def latest_messages(limit: int = 100) -> Select[Message]:
    """The latest messages, newest first."""
    return select(Message).order_by(Message.id.desc()).limit(limit)


def _of_round(round_id: int) -> ColumnElement[bool]:
    """The messages about a round: its event keys are written by the use cases that tell them."""
    key = Message.event_key
    return or_(
        key.in_([f"wishes_opened:{round_id}", f"review_opened:{round_id}"]),
        key.startswith(f"objection:{round_id}:"),
        key.startswith(f"reminder:{round_id}:"),
        key.startswith(f"publication:{round_id}:"),
        key.startswith(f"place:{round_id}:"),
    )


def round_message_counts(round_id: int) -> Select[MessageKind, MessageState, int]:
    """(kind, state, count) of the messages about a round."""
    return (
        select(Message.kind, Message.state, func.count())
        .where(_of_round(round_id))
        .group_by(Message.kind, Message.state)
    )


def round_text_counts(round_id: int) -> Select[MessageState, int]:
    """(state, count) of the SMS about a round."""
    return (
        select(Message.state, func.count().label("count"))
        .where(_of_round(round_id), _BY_PHONE)
        .group_by(Message.state)
    )


def troubled_messages(round_id: int) -> Select[Message]:
    """The messages about a round that failed, or whose fate is unknown, oldest first."""
    return (
        select(Message)
        .where(
            _of_round(round_id),
            Message.state.in_((MessageState.FAILED, MessageState.UNCERTAIN)),
        )
        .order_by(Message.id)
        .limit(200)
    )
