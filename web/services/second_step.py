"""The second step of those who see a whole territory: a phone's code, or one on paper."""

import hmac
from datetime import datetime

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy.orm import Session

from models import (
    GUARDED,
    Account,
    Membership,
    RecoveryCode,
    SecondStep,
    recovery_code,
    recovery_codes_left,
    recovery_codes_of,
    second_step_of,
    staff_member,
)
from web.services.access import code_digest, digest, new_code
from web.services.attempts import fail, refuse_if_locked
from web.services.errors import Gone, Refused
from web.services.journal import record

ISSUER = "Tremplin 3e"
CODES = 10
PERIOD = 30  # seconds, what every application expects
DRIFT = 1  # steps of 30 seconds that a phone may be early or late
WRONG = (
    "Ce code n’est pas le bon, ou a déjà servi. Attendez que l’application en montre un nouveau, "
    "et vérifiez l’heure du téléphone."
)


def is_asked(account: Account, *, required: bool, guarded: bool) -> bool:
    """Whether this account has to give a second step: its role requires it, or it set one up."""
    return guarded and (required or is_set_up(account))


def is_set_up(account: Account) -> bool:
    """Whether a first code proved that the phone works."""
    kept = account.second_step
    return kept is not None and kept.confirmed_at is not None


def begin_set_up(session: Session, account_id: int, *, now: datetime) -> SecondStep:
    """Draw the secret that a phone is to keep; one not yet confirmed is replaced.

    Raises:
        Refused: a phone is set up already.
    """
    kept = _locked(session, account_id)
    if kept is not None and kept.confirmed_at is not None:
        raise Refused("Un téléphone est déjà enregistré pour ce compte.")
    sealed = Fernet(session.info["data_key"]).encrypt(pyotp.random_base32().encode())
    if kept is None:
        kept = SecondStep(account_id=account_id, sealed=sealed, created_at=now)
        session.add(kept)
    kept.sealed, kept.created_at = sealed, now
    session.commit()
    return kept


def address_for_phone(session: Session, account: Account) -> tuple[str, str]:
    """(address of the square to photograph, the same key in words of four signs).

    Raises:
        Gone: nothing is being set up: a key is never shown again once it works.
    """
    kept = account.second_step
    if kept is None or kept.confirmed_at is not None:
        raise Gone("Aucun téléphone n’est en cours d’enregistrement.")
    key = _secret(session, kept)
    uri = pyotp.TOTP(key).provisioning_uri(name=account.email or account.name, issuer_name=ISSUER)
    return uri, " ".join(key[i : i + 4] for i in range(0, len(key), 4))


def confirm_set_up(
    session: Session, account_id: int, typed: str, *, address: str, real: datetime, now: datetime
) -> list[str]:
    """Check the first code of a phone; return the recovery codes, which nobody can read again.

    Args:
        real: the present moment of the world, even in a demo: what the phone counts with.

    Raises:
        Refused: wrong code. Locked: too many. Gone: nothing is being set up.
    """
    target = _target(session, account_id)
    refuse_if_locked(session, target, address, real)
    kept = _locked(session, account_id)
    if kept is None or kept.confirmed_at is not None:
        raise Gone("Aucun téléphone n’est en cours d’enregistrement.")
    if not _use(session, kept, typed, real):
        fail(session, target, address, real, Refused(WRONG, "code"))
    kept.confirmed_at = now
    codes = _new_codes(session, account_id)
    record(session, "second_step.set_up", f"account:{account_id}", by=account_id, now=now)
    session.commit()
    return codes


def pass_second_step(
    session: Session, account_id: int, typed: str, *, address: str, real: datetime, now: datetime
) -> bool:
    """Check the code of a phone, or use up a recovery code; return whether it was one of those.

    Raises:
        Refused: wrong code, or one that served. Locked: too many failures. Gone: no phone.
    """
    target = _target(session, account_id)
    refuse_if_locked(session, target, address, real)
    kept = _locked(session, account_id)
    if kept is None or kept.confirmed_at is None:
        raise Gone("Aucun téléphone n’est enregistré pour ce compte.")
    if _use(session, kept, typed, real):
        session.commit()
        return False
    paper = session.scalar(recovery_code(account_id, code_digest(session, typed)))
    if paper is None:
        fail(session, target, address, real, Refused(WRONG, "code"))
    paper.used_at = now
    record(session, "second_step.recovery_used", f"account:{account_id}", by=account_id, now=now)
    session.commit()
    return True


def renew_recovery_codes(session: Session, account_id: int, *, now: datetime) -> list[str]:
    """Draw ten new recovery codes; the old ones die.

    Raises:
        Gone: no phone is set up.
    """
    kept = _locked(session, account_id)
    if kept is None or kept.confirmed_at is None:
        raise Gone("Aucun téléphone n’est enregistré pour ce compte.")
    codes = _new_codes(session, account_id)
    record(session, "second_step.codes_renewed", f"account:{account_id}", by=account_id, now=now)
    session.commit()
    return codes


def codes_left(session: Session, account_id: int) -> int:
    """How many recovery codes have not served."""
    return session.scalar(recovery_codes_left(account_id)) or 0


def reset_by_colleague(
    session: Session, territory_id: int, membership_id: int, *, by: int, now: datetime
) -> Membership:
    """Forget the phone of a colleague who lost it: the next sign-in sets up another.

    Raises:
        NoResultFound: nobody such in this territory. Refused: one's own phone.
    """
    held = session.scalars(staff_member(membership_id, territory_id)).one()
    if held.account_id == by:
        raise Refused("C’est une autre personne qui oublie votre téléphone, pas vous.")
    forget_phone(session, held.account, by=by, now=now)
    return held


def forget_phone(session: Session, account: Account, *, by: int | None, now: datetime) -> None:
    """Forget the phone and the recovery codes of an account, and close its sessions."""
    kept = _locked(session, account.id)
    if kept is None:
        raise Refused("Aucun téléphone n’est enregistré pour ce compte.")
    session.delete(kept)
    session.execute(recovery_codes_of(account.id))
    account.session_epoch += 1
    record(session, "second_step.reset", f"account:{account.id}", by=by, now=now)
    session.commit()


def close_sessions(session: Session, account: Account, *, now: datetime) -> None:
    """Close every session of an account, here and elsewhere."""
    account.session_epoch += 1
    record(session, "account.sessions_closed", f"account:{account.id}", by=account.id, now=now)
    session.commit()


def opens_guarded_role(membership: Membership) -> bool:
    """Whether a password alone is not enough for this role."""
    return membership.role in GUARDED


def _locked(session: Session, account_id: int) -> SecondStep | None:
    # The row is locked so that one code cannot serve in two requests at once.
    return session.scalar(second_step_of(account_id).with_for_update())


def _secret(session: Session, kept: SecondStep) -> str:
    return Fernet(session.info["data_key"]).decrypt(kept.sealed).decode()


def _use(session: Session, kept: SecondStep, typed: str, real: datetime) -> bool:
    """Whether this is the code of now, of just before or of just after, and never served."""
    code = "".join(sign for sign in typed if sign.isascii() and sign.isdigit())
    try:
        hotp = pyotp.HOTP(_secret(session, kept))
    except InvalidToken:  # the server's key changed: only a code on paper still opens
        return False
    present = int(real.timestamp()) // PERIOD
    for step in range(max(present - DRIFT, kept.last_step + 1), present + DRIFT + 1):
        if hmac.compare_digest(hotp.at(step), code):
            kept.last_step = step
            return True
    return False


def _new_codes(session: Session, account_id: int) -> list[str]:
    session.execute(recovery_codes_of(account_id))
    codes = [new_code() for _ in range(CODES)]
    session.add_all(
        RecoveryCode(account_id=account_id, digest=code_digest(session, code)) for code in codes
    )
    return codes


def _target(session: Session, account_id: int) -> str:
    return digest(session, f"second:{account_id}")
