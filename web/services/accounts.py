"""Sign in with a letter, a password or a link sent by mail; choose that password."""

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
    account_by_code,
    account_by_email,
    account_of_guardian,
    account_of_pupil,
    account_with_memberships,
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

LINK_LIFE, HOUR = timedelta(hours=48), timedelta(hours=1)
LINKS_PER_HOUR = 3
PASSWORD_MIN, PASSWORD_MAX = 12, 200

WRONG_CODE = "Ce code et cette date de naissance ne vont pas ensemble."
OPENED_OTHERWISE = (
    "Un mot de passe a été choisi avec ce code. Pour entrer : le code et ce mot de passe, dans "
    "« Avec un mot de passe ». Oublié ? Le collège donne un nouveau code."
)
WRONG_PASSWORD = "Cet identifiant et ce mot de passe ne vont pas ensemble."  # noqa: S105
TAKEN = "Cette adresse sert déjà à un autre compte. Il faut en donner une autre."
DEAD_LINK = "Ce lien ne sert plus. Demandez-en un nouveau."

_hasher = PasswordHasher()


def sign_in_with_password(
    session: Session, login: str, password: str, *, address: str, now: datetime
) -> Account:
    """Return the account of this mail address, or of this letter's code, and password.

    Raises:
        Refused: they do not match; the sentence is the same whether the account exists or not.
        Locked: too many failures for this address or code, or from this network address.
    """
    by_mail = "@" in login
    code = "" if by_mail else code_digest(session, login)
    name = f"mail:{login.strip().lower()}" if by_mail else f"code:{code}"
    target = digest(session, name)
    refuse_if_locked(session, target, address, now)
    account = session.scalar(account_by_email(login) if by_mail else account_by_code(code))
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
    Once a password is chosen the code opens nothing by itself: it only names the account.

    Raises:
        Refused: they do not match; the sentence is the same for a code that does not exist.
        Locked: too many failures for this code, or from this network address.
    """
    target = digest(session, f"code:{code_digest(session, code)}")
    refuse_if_locked(session, target, address, now)
    account = _account_of_letter(session, code_digest(session, code), birth_date, now)
    if account is None:
        fail(session, target, address, now, Refused(WRONG_CODE))
    if account.password_hash is not None:
        raise Refused(OPENED_OTHERWISE)
    return _enter(session, account, now)


def invite(
    session: Session,
    account: Account,
    *,
    now: datetime,
    membership: Membership | None = None,
    email: str | None = None,
) -> str:
    """Queue the mail with a one-use link for this account and return its token; commits nothing.

    The link accepts a membership, or chooses a password; those sent before for the same die.
    For a family it opens the space. `email` is a new address, which using the link confirms.
    """
    recipient = email or account.email
    if recipient is None:
        raise Refused("Ce compte n’a pas d’adresse électronique.")
    session.flush()
    _end_links(session, account, membership, now)
    token = new_token()
    invitation = Invitation(
        account_id=account.id,
        membership=membership,
        token_digest=digest(session, token),
        expires_at=now + LINK_LIFE,
        email=email,
    )
    session.add(invitation)
    session.flush()
    if account.of_family and membership is None:
        params = {"name": account.name, "token": token, "fresh": email is not None}
        tell(
            session,
            MessageKind.FAMILY_LINK,
            f"link:{invitation.id}",
            [(recipient, params)],
            now=now,
        )
        return token
    known = account.password_hash is not None
    params = {"name": account.name, "token": token, "known": known}
    if membership is not None:
        params |= {"role": membership.role.label, "place": membership.scope_name}
    kind = MessageKind.TEAM_JOINED if membership and known else MessageKind.CONFIRM_ADDRESS
    tell(session, kind, f"link:{invitation.id}", [(recipient, params)], now=now)
    return token


def request_link(session: Session, email: str, *, now: datetime) -> None:
    """Send a one-use link to the account of this mail address, if there is one; say nothing."""
    if not _may_send_link(session, email.strip().lower(), now):
        return
    account = session.scalar(account_by_email(email))
    if account is not None:
        for membership in _opened_by_link(account):
            invite(session, account, now=now, membership=membership)
    session.commit()


def give_address(session: Session, account_id: int, email: str, *, now: datetime) -> None:
    """Send a link to the address that somebody of a family gives: opening it confirms it.

    Whether the address serves somebody else is said to who reads its mail, not before.

    Raises:
        Refused: too many links were asked for.
    """
    account = session.scalars(account_with_memberships(account_id)).one()
    wanted = email.strip().lower()
    mine = _may_send_link(session, f"account:{account_id}", now)
    if not mine or not _may_send_link(session, wanted, now):
        raise Refused("Trop de liens ont été demandés. Il faut attendre une heure.", "email")
    invite(session, account, now=now, email=wanted)
    session.commit()


def take_address_back(session: Session, account_id: int, *, now: datetime) -> None:
    """Forget the address that somebody of a family gave; what the school wrote stays its own.

    Raises:
        Gone: the account is a professional's, who enters by it.
    """
    account = session.scalars(account_with_memberships(account_id)).one()
    if not account.of_family:
        raise Gone("Un compte professionnel garde son adresse.")
    account.email = None
    _end_links(session, account, None, now)
    record(session, "account.address_erased", f"account:{account.id}", by=account.id, now=now)
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


def enter_by_link(session: Session, token: str, *, now: datetime) -> Account:
    """Use the link of a family: it opens its space, and confirms the address it was sent to.

    Raises:
        Gone: the link does not exist, has served, is too old, or is not a family's.
        Refused: the new address serves another account.
    """
    invitation = invitation_of(session, token, now=now)
    account = session.scalars(account_with_memberships(invitation.account_id)).one()
    if not account.of_family or not account.roles:
        raise Gone(DEAD_LINK)
    if invitation.email is not None:
        _confirm_address(session, account, invitation.email, now)
    _use(session, invitation, now)
    return _enter(session, account, now)


def choose_password(
    session: Session, account_id: int, password: str, *, current: str, now: datetime
) -> Account:
    """Give a family's account a password, or another one if `current` is the one it has.

    Raises:
        Refused: the password is too weak, or the current one is wrong.
    """
    account = session.scalars(account_with_memberships(account_id)).one()
    if account.password_hash and not _matches(account.password_hash, current):
        raise Refused("Ce n’est pas le mot de passe d’aujourd’hui.", "current")
    check_password(password, account)
    account.password_hash = _hasher.hash(password)
    _end_links(session, account, None, now)
    record(session, "account.password_chosen", f"account:{account.id}", by=account.id, now=now)
    session.commit()
    return account


def forget_password(session: Session, person: Pupil | Guardian) -> None:
    """The school gives this person a new code: it opens again, whatever password was chosen.

    An account that also has a professional role keeps its password. Commits nothing.
    """
    query = account_of_pupil if isinstance(person, Pupil) else account_of_guardian
    account = session.scalar(query(person.id)) if person.id else None
    if account is not None and account.of_family:
        account.password_hash = None


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
    invitation.used_at, invitation.email = now, None
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
        waiting.used_at, waiting.email = now, None


def _may_send_link(session: Session, target: str, now: datetime) -> bool:
    """Whether one more link may leave within the hour; it is counted."""
    counted = digest(session, f"link:{target}")
    if (session.scalar(failures_since(counted, now - HOUR)) or 0) >= LINKS_PER_HOUR:
        return False
    session.add(SignInAttempt(target_digest=counted, address_digest=counted, at=now))
    return True


def _confirm_address(session: Session, account: Account, email: str, now: datetime) -> None:
    """The address is this person's: for entering, and for the messages of the campaign."""
    other = session.scalar(account_by_email(email))
    if other is not None and other is not account:
        raise Refused(TAKEN)
    account.email = email
    for held in account.memberships:
        if held.guardian is not None:
            held.guardian.email = email
    record(session, "account.address_confirmed", f"account:{account.id}", by=account.id, now=now)


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
