"""Offers that the systems of a network post under their own ids: put, read, close."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import (
    ApiKey,
    EnteredOffer,
    Offer,
    OfferState,
    entered_by_external_id,
    entered_by_network,
    pupils_ranking,
    store_days,
)
from web.services.entered import By, OfferEntry, rewrite_entered, write_entered
from web.services.errors import Gone, Refused
from web.services.journal import record
from web.services.offer_changes import NewPlaces, change_weeks
from web.services.offers import SEEN, how_many


class Taken(Refused):
    """The id is another network's."""

    def __init__(self) -> None:
        super().__init__("Cet identifiant est déjà celui d’une offre d’un autre réseau.")


def put_offer(
    session: Session,
    key: ApiKey,
    external_id: str,
    entry: OfferEntry,
    *,
    body_sha256: str,
    now: datetime,
) -> tuple[EnteredOffer, bool]:
    """Enter or change the offer of this id; the same body again changes nothing.

    Returns:
        the offer as it stands, and whether it is new.

    Raises:
        Taken: the id is another network's.
        Refused: pupils may see the offer and more than its places change, pupils rank it and
            there are fewer, or something breaks a rule; the field is named.
    """
    by = By(
        key.territory_id,
        network=key.network,
        key=key,
        external_id=external_id,
        body_sha256=body_sha256,
    )
    known = session.scalar(entered_by_external_id(key.territory_id, external_id))
    if known is not None:
        if known.network != key.network:
            raise Taken
        if known.body_sha256 != body_sha256:
            _change(session, known, by, entry, now=now)
        return known, False
    try:
        made = write_entered(session, by, entry, now=now)
        session.commit()
    except IntegrityError as clash:
        session.rollback()
        if session.scalar(entered_by_external_id(key.territory_id, external_id)) is None:
            raise
        raise Taken from clash  # the same id arrived twice at the same moment
    return made, True


def _change(
    session: Session, known: EnteredOffer, by: By, entry: OfferEntry, *, now: datetime
) -> None:
    offer = known.offer
    if offer.state not in SEEN:
        rewrite_entered(session, known, by, entry, now=now)
        session.commit()
        return
    if not _same_words(offer, entry):
        raise Refused(
            "Cette offre a été relue et ouverte : par ce moyen, seules ses places changent "
            "désormais. Pour le reste, écrivez à l’animation."
        )
    known.body_sha256 = by.body_sha256
    wanted = NewPlaces(entry.seats, entry.total)
    change_weeks(session, offer.id, offer.site.host_id, wanted, by=None, now=now)


def _same_words(offer: Offer, entry: OfferEntry) -> bool:
    """Whether an entry says what the animators read, places aside."""
    activity, practical = entry.activity, entry.practical
    names = (
        *("title", "description", "sector", "kind"),
        *("min_group", "school_max", "reserved_seats"),
    )
    told = ("access", "contact_name", "contact_email", "contact_phone", "hours_note", "long_week")
    return (
        all(getattr(offer, name) == getattr(activity, name) for name in names)
        and all(getattr(offer, name) == getattr(practical, name) for name in told)
        and offer.reserve_until == (activity.reserve_until if activity.reserved_seats else None)
        and offer.days == store_days(practical.days)
        and offer.accessibility == list(practical.accessibility)
        and entry.host.site.siret in (offer.site.siret, offer.site.claimed_siret)
    )


def offers_posted(session: Session, key: ApiKey) -> list[EnteredOffer]:
    """What the systems of this network posted, oldest first."""
    return list(session.scalars(entered_by_network(key.territory_id, key.network)))


def offer_posted(session: Session, key: ApiKey, external_id: str) -> EnteredOffer:
    """The offer of this id.

    Raises:
        Gone: none, or another network's.
    """
    known = session.scalar(entered_by_external_id(key.territory_id, external_id))
    if known is None or known.network != key.network:
        raise Gone("Aucune offre de votre réseau n’a cet identifiant.")
    return known


def close_offer(session: Session, key: ApiKey, external_id: str, *, now: datetime) -> None:
    """Take an offer away; closed twice, it is closed once.

    Raises:
        Gone: none of this id.
        Refused: pupils rank it already: people have to talk.
    """
    known = offer_posted(session, key, external_id)
    offer = known.offer
    if offer.state is OfferState.WITHDRAWN:
        return
    ranking = len(session.scalars(pupils_ranking(offer.id)).all())
    if ranking:
        raise Refused(
            f"{how_many(ranking)} classé cette offre : demandez son retrait à l’animation."
        )
    offer.state, offer.decided_at = OfferState.WITHDRAWN, now
    record(session, "offer.closed_by_key", f"offer:{offer.id}", by=None, now=now, key=key.id)
    session.commit()
