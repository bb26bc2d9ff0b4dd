"""Sign in with a letter or a password, and choose that password through a link sent by mail."""

from datetime import date, datetime, timedelta
from functools import cache
from typing import NoReturn

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from sqlalchemy.orm import Session

from models import (
    Account,
    Guardian,
    Invitation,
    Membership,
    MessageKind,
    Pupil,
    Role,
    SignInAttempt,
    account_by_email,
    account_of_guardian,
    account_of_pupil,
    failures_from_address,
    failures_since,
    guardian_by_code,
    invitation_by_digest,
    invitations_waiting,
    pupil_by_code,
)
from web.services.access import code_digest, digest, new_token
from web.services.errors import Gone, Refused
from web.services.journal import record
from web.services.outbox import tell

WINDOW = timedelta(minutes=15)
FAILURES_PER_TARGET = 5
FAILURES_PER_ADDRESS = 100  # a whole collège shares one address
LINK_LIFE = timedelta(hours=48)
LINKS_PER_HOUR = 3
PASSWORD_MIN, PASSWORD_MAX = 12, 200

WRONG_CODE = "Ce code et cette date de naissance ne vont pas ensemble."
WRONG_PASSWORD = "Cette adresse et ce mot de passe ne vont pas ensemble."  # noqa: S105
LOCKED = "Trop d’essais. Il faut attendre 15 minutes."
DEAD_LINK = "Ce lien ne sert plus. Demandez-en un nouveau."

_hasher = PasswordHasher()


class Locked(Refused):
    """Too many failures: nothing is even tried."""


def sign_in_with_password(
    session: Session, email: str, password: str, *, address: str, now: datetime
) -> Account:
    """Return the account of this mail address and password.

    Raises:
        Refused: they do not match; the sentence is the same whether the account exists or not.
        Locked: too many failures for this mail address, or from this network address.
    """
    target = digest(session, f"mail:{email.strip().lower()}")
    _refuse_if_locked(session, target, address, now)
    account = session.scalar(account_by_email(email))
    known = account.password_hash if account and account.password_hash else None
    # When no account answers, a hash is checked all the same: both answers take the same time.
    if not _matches(known or _nobody(), password) or account is None or known is None:
        _fail(session, target, address, now, WRONG_PASSWORD)
    if _hasher.check_needs_rehash(known):
        account.password_hash = _hasher.hash(password)
    return _enter(session, account, now)


def sign_in_with_code(
    session: Session, code: str, birth_date: date, *, address: str, now: datetime
) -> Account:
    """Return the account of the pupil, or guardian, whose letter bears this code.

    The account is made at the first use. A guardian gives the birth date of one of the children.

    Raises:
        Refused: they do not match; the sentence is the same for a code that does not exist.
        Locked: too many failures for this code, or from this network address.
    """
    target = digest(session, f"code:{code_digest(session, code)}")
    _refuse_if_locked(session, target, address, now)
    account = _account_of_letter(session, code_digest(session, code), birth_date, now)
    if account is None:
        _fail(session, target, address, now, WRONG_CODE)
    return _enter(session, account, now)


def invite(session: Session, account: Account, *, now: datetime) -> str:
    """Queue the mail with a one-use link for this account and return its token; commits nothing.

    Part of the use case that makes the account; the links sent before die.
    """
    if account.email is None:
        raise Refused("Ce compte n’a pas d’adresse électronique.")
    for waiting in session.scalars(invitations_waiting(account.id)):
        waiting.used_at = now
    token = new_token()
    invitation = Invitation(
        account_id=account.id, token_digest=digest(session, token), expires_at=now + LINK_LIFE
    )
    session.add(invitation)
    session.flush()
    params = {"name": account.name, "token": token, "known": account.password_hash is not None}
    letter = (account.email, params)
    tell(session, MessageKind.CONFIRM_ADDRESS, f"link:{invitation.id}", [letter], now=now)
    return token


def request_link(session: Session, email: str, *, now: datetime) -> None:
    """Send a one-use link to the account of this mail address, if there is one; say nothing."""
    target = digest(session, f"link:{email.strip().lower()}")
    recent = session.scalar(failures_since(target, now - timedelta(hours=1))) or 0
    if recent >= LINKS_PER_HOUR:
        return
    session.add(SignInAttempt(target_digest=target, address_digest=target, at=now))
    account = session.scalar(account_by_email(email))
    if account is not None:
        invite(session, account, now=now)
    session.commit()


def invited_account(session: Session, token: str, *, now: datetime) -> Account:
    """Return the account that a link opens, without using the link.

    Raises:
        Gone: the link does not exist, has served, or is too old.
    """
    return _living(session, token, now).account


def accept_invitation(session: Session, token: str, password: str, *, now: datetime) -> Account:
    """Use a link: its account gets this password and its address is confirmed.

    Raises:
        Gone: the link does not exist, has served, or is too old.
        Refused: the password is too weak.
    """
    invitation = _living(session, token, now)
    account = invitation.account
    check_password(password, account)
    account.password_hash = _hasher.hash(password)
    account.confirmed_at = account.confirmed_at or now
    for waiting in session.scalars(invitations_waiting(account.id)):
        waiting.used_at = now
    record(session, "account.password_chosen", f"account:{account.id}", by=account.id, now=now)
    return _enter(session, account, now)


def check_password(password: str, account: Account) -> None:
    """Refuse a password that is too short, too long, or the account's own address.

    Raises:
        Refused: with what to do.
    """
    if len(password) < PASSWORD_MIN:
        raise Refused(f"Il faut au moins {PASSWORD_MIN} caractères.", "password")
    if len(password) > PASSWORD_MAX:
        raise Refused(f"Il faut au plus {PASSWORD_MAX} caractères.", "password")
    if len(set(password)) < 5 or (account.email or "@").lower() in password.lower():
        raise Refused("Ce mot de passe se devine. Une phrase de quatre mots convient.", "password")


def _living(session: Session, token: str, now: datetime) -> Invitation:
    invitation = session.scalar(invitation_by_digest(digest(session, token)))
    if invitation is None or invitation.used_at is not None or invitation.expires_at <= now:
        raise Gone(DEAD_LINK)
    return invitation


def _refuse_if_locked(session: Session, target: str, address: str, now: datetime) -> None:
    since = now - WINDOW
    of_target = session.scalar(failures_since(target, since)) or 0
    of_address = session.scalar(failures_from_address(_place(session, address), since)) or 0
    if of_target >= FAILURES_PER_TARGET or of_address >= FAILURES_PER_ADDRESS:
        raise Locked(LOCKED)


def _fail(session: Session, target: str, address: str, now: datetime, why: str) -> NoReturn:
    """Count the failure, then refuse: the count must outlive the refusal."""
    place = _place(session, address)
    session.add(SignInAttempt(target_digest=target, address_digest=place, at=now))
    session.commit()
    raise Refused(why)


def _place(session: Session, address: str) -> str:
    return digest(session, f"address:{address}")


def _matches(known: str, password: str) -> bool:
    try:
        return _hasher.verify(known, password[: PASSWORD_MAX + 1])
    except (VerifyMismatchError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return _hasher.hash(new_token())


def _account_of_letter(
    session: Session, code: str, birth_date: date, now: datetime
) -> Account | None:
    # The row is locked so that two first uses at once make one account.
    pupil = session.scalar(pupil_by_code(code).with_for_update())
    if pupil is not None:
        right = pupil.birth_date == birth_date
        return _account_of_pupil(session, pupil, now) if right else None
    guardian = session.scalar(guardian_by_code(code).with_for_update())
    if guardian is not None and birth_date in {child.birth_date for child in guardian.pupils}:
        return _account_of_guardian(session, guardian, now)
    return None


def _account_of_pupil(session: Session, pupil: Pupil, now: datetime) -> Account:
    found = session.scalar(account_of_pupil(pupil.id))
    return found or _opened(session, pupil.full_name, Membership(role=Role.PUPIL, pupil=pupil), now)


def _account_of_guardian(session: Session, guardian: Guardian, now: datetime) -> Account:
    found = session.scalar(account_of_guardian(guardian.id))
    role = Membership(role=Role.GUARDIAN, guardian=guardian)
    return found or _opened(session, guardian.name, role, now)


def _opened(session: Session, name: str, membership: Membership, now: datetime) -> Account:
    account = Account(name=name, confirmed_at=now, memberships=[membership])
    session.add(account)
    session.flush()
    record(session, "account.opened", f"account:{account.id}", by=account.id, now=now)
    return account


def _enter(session: Session, account: Account, now: datetime) -> Account:
    account.last_seen_at = now
    session.commit()
    return account
