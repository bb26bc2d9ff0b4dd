"""Offers entered for a host that has no account: by an animator, a head, a file or a system."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hmac import compare_digest

from sqlalchemy.orm import Session

from models import (
    EDITED,
    ApiKey,
    Campaign,
    ConfirmedBy,
    EnteredOffer,
    Membership,
    MessageKind,
    Network,
    Offer,
    OfferState,
    Role,
    Site,
    animators_of,
    campaign_by_id,
    entered_by_id,
    entered_of_offer,
    offer_by_form_key,
)
from web.services.access import digest
from web.services.entered_sites import site_again, site_of
from web.services.errors import Gone, Refused
from web.services.hosts import HostEntry
from web.services.journal import record
from web.services.offer_drafts import (
    Activity,
    Practical,
    check_still_taken,
    editable_until,
    missing_steps,
    write_activity,
    write_practical,
    write_weeks,
)
from web.services.outbox import tell
from web.services.seasons import needed_campaign


@dataclass(frozen=True, slots=True)
class OfferEntry:
    """A whole offer and its host, as somebody else tells them."""

    host: HostEntry
    activity: Activity
    practical: Practical
    seats: Mapping[date, int]
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """The host said yes on the phone: who, and when."""

    with_whom: str
    on: date


@dataclass(frozen=True, slots=True)
class By:
    """Who enters: a person, or the key of a system."""

    territory_id: int
    account_id: int | None = None
    network: Network | None = None
    animates: bool = False
    key: ApiKey | None = None
    external_id: str | None = None
    body_sha256: str = field(default="")

    @classmethod
    def person(cls, viewer: Membership) -> "By":
        """An animator, or somebody of a school."""
        school = viewer.school
        territory_id = viewer.territory_id or (school.territory_id if school else 0)
        return cls(territory_id, viewer.account_id, viewer.network, viewer.role is Role.ANIMATOR)


def enter_offer(
    session: Session,
    by: By,
    entry: OfferEntry,
    *,
    call: Call | None = None,
    form_key: str | None = None,
    now: datetime,
) -> EnteredOffer:
    """Enter an offer for a host and send it to be read; its host confirms it.

    The same form sent twice enters one offer.

    Raises:
        Refused: no campaign takes offers, or something lacks or breaks a rule; the field is named.
    """
    key = f"entered:{by.account_id}:{form_key}" if form_key else None
    known = session.scalar(offer_by_form_key(key)) if key else None
    if known is not None:
        return session.scalars(entered_of_offer(known.id)).one()
    made = write_entered(session, by, entry, call=call, now=now)
    made.offer.form_key = key
    session.commit()
    return made


def correct_entered(
    session: Session,
    by: By,
    entered_id: int,
    entry: OfferEntry,
    *,
    call: Call | None = None,
    now: datetime,
) -> EnteredOffer:
    """Correct an entered offer that pupils do not see; its host confirms it again.

    Raises:
        Gone: not entered in this territory, or by somebody else of a school.
        Refused: it is open or withdrawn, a system holds it, or something breaks a rule.
    """
    known = to_correct(session, by, entered_id)
    rewrite_entered(session, known, by, entry, call=call, now=now)
    session.commit()
    return known


def to_correct(session: Session, by: By, entered_id: int) -> EnteredOffer:
    """An entered offer that this person may still correct.

    Raises:
        Gone: not entered in this territory, or by somebody else of a school.
        Refused: it is open or withdrawn, or a system holds it.
    """
    found = session.scalar(entered_by_id(entered_id))
    own = found is not None and found.author_id == by.account_id
    if found is None or found.territory_id != by.territory_id or not (own or by.animates):
        raise Gone("Cette offre n’a pas été saisie pour une structure.")
    if not found.correctable:
        raise Refused(
            "Cette offre ne se corrige plus ici : elle est ouverte, retirée, ou déposée "
            "par le programme d’un réseau."
        )
    return found


def write_entered(
    session: Session, by: By, entry: OfferEntry, *, call: Call | None = None, now: datetime
) -> EnteredOffer:
    """The same inside the transaction of a list or of a call; commits nothing."""
    campaign = needed_campaign(session, by.territory_id)
    check_still_taken(campaign, campaign.offers_close_at, now)
    site = site_of(session, by.territory_id, entry.host)
    offer = Offer(
        campaign_id=campaign.id,
        contact_name="",
        contact_email="",
        created_at=now,
        weeks=[],
    )
    _write(session, offer, site, entry)  # added once it is whole: queries would insert it halfway
    offer.state, offer.submitted_at = OfferState.SUBMITTED, now
    session.add(offer)
    session.flush()
    made = EnteredOffer(
        offer=offer,
        territory_id=by.territory_id,
        network=by.network,
        author_id=by.account_id,
        key_id=by.key.id if by.key else None,
        external_id=by.external_id,
        body_sha256=by.body_sha256,
        entered_at=now,
    )
    session.add(made)
    session.flush()
    if call is not None:
        _confirm(session, made, ConfirmedBy.CALL, now, call)
    else:
        _ask_to_confirm(session, made, now)
    _tell_animators(session, campaign, offer, now)
    record(session, "offer.entered", f"offer:{offer.id}", by=by.account_id, now=now)
    return made


def rewrite_entered(
    session: Session,
    known: EnteredOffer,
    by: By,
    entry: OfferEntry,
    *,
    call: Call | None = None,
    now: datetime,
) -> None:
    """Change an offer that nobody has approved yet; commits nothing.

    Raises:
        Refused: it is open, paused or withdrawn already, or something breaks a rule.
    """
    offer = known.offer
    if offer.state not in EDITED:
        raise Refused(
            "Cette offre est déjà ouverte ou retirée : elle ne change plus par ce moyen. "
            "Demandez à l’animation, ou fermez-la."
        )
    campaign = session.scalars(campaign_by_id(offer.campaign_id)).one()
    check_still_taken(campaign, editable_until(offer, campaign), now)
    _write(session, offer, site_again(session, known, entry.host), entry)
    if offer.state is OfferState.RETURNED:
        _tell_animators(session, campaign, offer, now)
    offer.state, offer.submitted_at, offer.return_reason = OfferState.SUBMITTED, now, ""
    known.body_sha256 = by.body_sha256
    known.confirmed_at = known.confirmed_by = known.call_on = None
    known.call_with = ""
    if call is not None:
        _confirm(session, known, ConfirmedBy.CALL, now, call)
    else:
        _ask_to_confirm(session, known, now)
    record(session, "offer.entered", f"offer:{offer.id}", by=by.account_id, now=now)


def check_confirmed(session: Session, offer: Offer) -> None:
    """Refuse to open an entered offer before its host confirmed it.

    Raises:
        Refused: with what to do.
    """
    entered = session.scalar(entered_of_offer(offer.id))
    if entered is not None and entered.confirmed_at is None:
        raise Refused(
            "La structure n’a pas encore confirmé cette offre, saisie pour elle : attendez son "
            "clic, ou notez l’appel où elle a dit oui."
        )


def record_call(
    session: Session, offer_id: int, territory_id: int, call: Call, *, by: int, now: datetime
) -> EnteredOffer:
    """Note that the host said yes on the phone; noted twice, the first note stays.

    Raises:
        Gone: no such offer entered in this territory.
        Refused: the call is in the future, or nobody is named.
    """
    found = session.scalar(entered_of_offer(offer_id))
    if found is None or found.territory_id != territory_id:
        raise Gone("Cette offre n’a pas été saisie pour une structure.")
    if not call.with_whom:
        raise Refused("Indiquez qui a dit oui.", "call_with")
    if call.on > now.date():
        raise Refused("L’appel ne peut pas être à venir.", "call_on")
    if found.confirmed_at is None:
        _confirm(session, found, ConfirmedBy.CALL, now, call)
        record(session, "offer.confirmed_by_call", f"offer:{offer_id}", by=by, now=now)
    session.commit()
    return found


def entered_of_link(session: Session, entered_id: int, token: str) -> EnteredOffer:
    """The offer that a host reads behind the link of its mail.

    Raises:
        Gone: the link is not one of ours.
    """
    found = session.scalar(entered_by_id(entered_id))
    if found is None or not compare_digest(_token(session, found), token):
        raise Gone("Ce lien ne mène nulle part.")
    return found


def confirm_by_link(session: Session, entered_id: int, token: str, *, now: datetime) -> None:
    """The host says that the offer is right; said twice, it is said once."""
    found = entered_of_link(session, entered_id, token)
    if found.confirmed_at is None and found.offer.state is not OfferState.WITHDRAWN:
        _confirm(session, found, ConfirmedBy.MAIL, now)
        record(session, "offer.confirmed_by_mail", f"offer:{found.offer_id}", by=None, now=now)
    session.commit()


def disown_by_link(session: Session, entered_id: int, token: str, *, now: datetime) -> None:
    """The host says that the offer is not its own: it goes, unless pupils already see it.

    Raises:
        Refused: the offer is open: the animators are to be called.
    """
    found = entered_of_link(session, entered_id, token)
    offer = found.offer
    if offer.state is OfferState.WITHDRAWN:
        return
    if offer.state not in EDITED:
        raise Refused("Des élèves voient déjà cette offre : appelez l’animation du programme.")
    offer.state, offer.decided_at = OfferState.WITHDRAWN, now
    record(session, "offer.disowned", f"offer:{offer.id}", by=None, now=now)
    session.commit()


def _write(session: Session, offer: Offer, site: Site, entry: OfferEntry) -> None:
    write_activity(offer, site.host, replace(entry.activity, site_id=site.id))
    write_weeks(session, offer, entry.seats, entry.total)
    write_practical(offer, entry.practical)
    session.flush()
    lacking = missing_steps(offer)
    if lacking:
        raise Refused(next(iter(lacking.values())), "seats")


def _confirm(
    session: Session,
    found: EnteredOffer,
    how: ConfirmedBy,
    now: datetime,
    call: Call | None = None,
) -> None:
    found.confirmed_at, found.confirmed_by = now, how
    found.offer.safe = True
    if call is not None:
        found.call_with, found.call_on = call.with_whom, call.on


def _ask_to_confirm(session: Session, made: EnteredOffer, now: datetime) -> None:
    offer = made.offer
    letter = {
        "name": offer.contact_name,
        "host": offer.site.host.name,
        "title": offer.title,
        "entered_id": made.id,
        "token": _token(session, made),
    }
    event = f"entered:{made.id}:{now.isoformat()}"
    tell(session, MessageKind.OFFER_TO_CONFIRM, event, [(offer.contact_email, letter)], now=now)


def _tell_animators(session: Session, campaign: Campaign, offer: Offer, now: datetime) -> None:
    about = {"offer_id": offer.id, "title": offer.title, "host": offer.site.host.name}
    letters = [
        (member.account.email, about)
        for member in session.scalars(animators_of(campaign.territory_id))
        if member.account.email
    ]
    key = f"offer:{offer.id}:submitted:{now.isoformat()}"
    tell(session, MessageKind.OFFER_SUBMITTED, key, letters, now=now)


def _token(session: Session, one: EnteredOffer) -> str:
    return digest(session, f"entered:{one.id}:{one.offer.contact_email}")[:24]
