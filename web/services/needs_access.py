"""What a pupil needs to reach and keep a place: sealed at rest, a filter of places, erased after.

Needs never give or take a rank: they only leave out the offers that do not provide them.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from cryptography.fernet import Fernet
from sqlalchemy.orm import Session, object_session

from models import (
    AccessNeed,
    Need,
    Offer,
    Pupil,
    RoundState,
    campaign_by_id,
    needs_to_erase,
    pupil_for_wishes,
)
from web.format import moment, paris
from web.services.errors import Gone, Refused
from web.services.journal import record

SAVED, ERASED = "needs.saved", "needs.erased"
NOTHING: frozenset[Need] = frozenset()


@dataclass(frozen=True, slots=True)
class Paper:
    """A consent given on paper: the guardian who signed it, and when."""

    signer_id: int
    signed_on: date


def data_key(secret: str) -> bytes:
    """The key that seals needs, from the secret of the settings."""
    return urlsafe_b64encode(hashlib.sha256(b"needs:" + secret.encode()).digest())


def needs_of(pupil: Pupil) -> frozenset[Need]:
    """What a pupil needs; nothing for most."""
    kept = pupil.access_need
    if kept is None:
        return NOTHING
    session = object_session(pupil)
    if session is None:
        raise RuntimeError("a pupil out of a session cannot be read")
    return _opened(session.info["data_key"], kept.sealed)


def provides(offered: Iterable[str], needs: frozenset[Need]) -> bool:
    """Whether a place provides everything that is needed."""
    return {need.value for need in needs} <= set(offered)


def access_words(offer: Offer) -> str:
    """What a place provides, as people read it; nothing when its host said nothing."""
    given = [need.label for need in Need if need.value in offer.accessibility]
    return ", ".join(
        text if not at else text[0].lower() + text[1:] for at, text in enumerate(given)
    )


def fits(pupil: Pupil, offer: Offer) -> bool:
    """Whether a pupil can be welcome at an offer."""
    needs = needs_of(pupil)
    return not needs or provides(offer.accessibility, needs)


def save_needs(
    session: Session,
    pupil_id: int,
    needs: Iterable[Need],
    *,
    agreed: bool,
    by: int,
    now: datetime,
    paper: Paper | None = None,
) -> Pupil:
    """Keep what a guardian says that a pupil needs, with the guardian's consent; none erases.

    A head may write down what a guardian signed: `paper`. The journal says that it was done,
    never what.

    Raises:
        Refused: no consent, a date to come, or the wishes are closed.
    """
    pupil = session.scalar(pupil_for_wishes(pupil_id).with_for_update(of=Pupil))
    if pupil is None:
        raise Gone("Cet élève n’existe pas.")
    turn = session.scalars(campaign_by_id(pupil.campaign_id)).one().current_round
    open_yet = turn.state in (RoundState.PLANNED, RoundState.WISHES_OPEN)
    wanted = frozenset(needs)
    if not wanted:
        _erase(session, pupil, by, now)
        session.commit()
        return pupil
    if not open_yet or now >= turn.wishes_close_at:
        since = moment(turn.wishes_close_at)
        raise Refused(f"Les vœux sont clos depuis le {since}. Un besoin se dit au collège.")
    if not agreed:
        raise Refused("Cochez l’accord pour que ces besoins soient gardés.", "agreed")
    if pupil.access_need is None or needs_of(pupil) != wanted:
        kept = pupil.access_need or AccessNeed()
        kept.sealed = _seal(session.info["data_key"], wanted)
        kept.consent_by_id, kept.consent_at = by, now
        kept.paper_signer, kept.paper_date = _signed(pupil, paper, now)
        pupil.access_need = kept
    record(session, SAVED, f"pupil:{pupil_id}", by=by, now=now, paper=paper is not None)
    session.commit()
    return pupil


def erase_needs(session: Session, *, now: datetime) -> int:
    """Erase the needs of the pupils whose week is over; return how many. Safe to repeat."""
    over = (now - timedelta(days=5)).date()
    found = session.scalars(needs_to_erase(over)).all()
    for kept in found:
        record(session, ERASED, f"pupil:{kept.pupil_id}", by=None, now=now)
        session.delete(kept)
    session.commit()
    return len(found)


def _signed(
    pupil: Pupil, paper: Paper | None, now: datetime
) -> tuple[str, date] | tuple[None, None]:
    """Who signed, by name, and when; nothing for a consent given here."""
    if paper is None:
        return None, None
    signer = next((one for one in pupil.guardians if one.id == paper.signer_id), None)
    if signer is None:
        raise Refused("Choisissez qui a signé.", "signer_id")
    if paper.signed_on > paris(now).date():
        raise Refused("Cette date est dans l’avenir.", "signed_on")
    return signer.name, paper.signed_on


def _erase(session: Session, pupil: Pupil, by: int, now: datetime) -> None:
    if pupil.access_need is not None:
        pupil.access_need = None
        record(session, ERASED, f"pupil:{pupil.id}", by=by, now=now)


def _seal(key: bytes, needs: frozenset[Need]) -> bytes:
    return Fernet(key).encrypt(json.dumps(sorted(need.value for need in needs)).encode())


@lru_cache(maxsize=256)
def _opened(key: bytes, sealed: bytes) -> frozenset[Need]:
    values = json.loads(Fernet(key).decrypt(sealed))
    return frozenset(need for need in Need if need.value in values)
