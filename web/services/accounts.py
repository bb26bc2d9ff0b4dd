"""Sign in with a letter or a password, and choose that password through a link sent by mail."""

from datetime import date, datetime, timedelta
from functools import cache

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
    failures_since,
    guardian_by_code,
    invitation_by_digest,
    invitations_waiting,
    pupil_by_code,
)
from web.services.access import code_digest, digest, new_token
from web.services.attempts import fail, refuse_if_locked
from web.services.errors import Gone, Refused
from web.services.journal import record
from web.services.outbox import tell
from web.services.sirets import take_claimed_sirets

LINK_LIFE = timedelta(hours=48)
LINKS_PER_HOUR = 3
PASSWORD_MIN, PASSWORD_MAX = 12, 200

WRONG_CODE = "Ce code et cette date de naissance ne vont pas ensemble."
WRONG_PASSWORD = "Cette adresse et ce mot de passe ne vont pas ensemble."  # noqa: S105
DEAD_LINK = "Ce lien ne sert plus. Demandez-en un nouveau."

_hasher = PasswordHasher()


def sign_in_with_password(
    session: Session, email: str, password: str, *, address: str, now: datetime
) -> Account:
    """Return the account of this mail address and password.

    Raises:
        Refused: they do not match; the sentence is the same whether the account exists or not.
        Locked: too many failures for this mail address, or from this network address.
    """
    target = digest(session, f"mail:{email.strip().lower()}")
    refuse_if_locked(session, target, address, now)
    account = session.scalar(account_by_email(email))
    known = account.password_hash if account and account.password_hash else None
    # When no account answers, a hash is checked all the same: both answers take the same time.
    right = _matches(known or _nobody(), password)
    if not right or account is None or known is None or not account.roles:
        fail(session, target, address, now, Refused(WRONG_PASSWORD))
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
    refuse_if_locked(session, target, address, now)
    account = _account_of_letter(session, code_digest(session, code), birth_date, now)
    if account is None:
        fail(session, target, address, now, Refused(WRONG_CODE))
    return _enter(session, account, now)


def invite(
    session: Session, account: Account, *, now: datetime, membership: Membership | None = None
) -> str:
    """Queue the mail with a one-use link for this account and return its token; commits nothing.

    The link accepts a membership, or chooses a password; those sent before for the same die.
    """
    if account.email is None:
        raise Refused("Ce compte n’a pas d’adresse électronique.")
    session.flush()
    _end_links(session, account, membership, now)
    token = new_token()
    invitation = Invitation(
        account_id=account.id,
        membership=membership,
        token_digest=digest(session, token),
        expires_at=now + LINK_LIFE,
    )
    session.add(invitation)
    session.flush()
    known = account.password_hash is not None
    params = {"name": account.name, "token": token, "known": known}
    if membership is not None:
        params |= {"role": membership.role.label, "place": membership.scope_name}
    kind = MessageKind.TEAM_JOINED if membership and known else MessageKind.CONFIRM_ADDRESS
    tell(session, kind, f"link:{invitation.id}", [(account.email, params)], now=now)
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
        for membership in _opened_by_link(account):
            invite(session, account, now=now, membership=membership)
    session.commit()


def invitation_of(session: Session, token: str, *, now: datetime) -> Invitation:
    """Return the invitation behind a link, without using the link.

    Raises:
        Gone: the link does not exist, has served, or is too old.
    """
    invitation = session.scalar(invitation_by_digest(digest(session, token)))
    if invitation is None or invitation.used_at is not None or invitation.expires_at <= now:
        raise Gone(DEAD_LINK)
    return invitation


def accept_role(session: Session, token: str, *, now: datetime) -> Membership:
    """Use the link that offers a role to an account that has its password already.

    Raises:
        Gone: the link does not exist, has served, is too old, or offers no role.
        Refused: another host confirmed the same SIRET meanwhile.
    """
    invitation = invitation_of(session, token, now=now)
    membership = invitation.membership
    if membership is None or invitation.account.password_hash is None:
        raise Gone(DEAD_LINK)
    _use(session, invitation, now)
    session.commit()
    return membership


def accept_invitation(session: Session, token: str, password: str, *, now: datetime) -> Account:
    """Use a link: its account gets this password and its address is confirmed.

    Raises:
        Gone: the link does not exist, has served, or is too old.
        Refused: the password is too weak, or another host confirmed the same SIRET meanwhile.
    """
    invitation = invitation_of(session, token, now=now)
    account = invitation.account
    check_password(password, account)
    _use(session, invitation, now)
    if not account.roles:
        raise Gone(DEAD_LINK)
    account.password_hash = _hasher.hash(password)
    _end_links(session, account, None, now)
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


def _use(session: Session, invitation: Invitation, now: datetime) -> None:
    """The mail was read: its address is confirmed, and the role that it offers is taken."""
    account, membership = invitation.account, invitation.membership
    account.confirmed_at = account.confirmed_at or now
    invitation.used_at = now
    if membership is None or not membership.pending:
        return
    if membership.host is not None:
        take_claimed_sirets(session, membership.host)
    membership.pending = False
    record(session, "role.accepted", f"membership:{membership.id}", by=account.id, now=now)


def _opened_by_link(account: Account) -> list[Membership | None]:
    """What a link asked for opens: the password, or else the roles never accepted."""
    return [None] if account.roles else list(account.memberships)


def _end_links(
    session: Session, account: Account, membership: Membership | None, now: datetime
) -> None:
    of = membership.id if membership else None
    for waiting in session.scalars(invitations_waiting(account.id, of)):
        waiting.used_at = now


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
