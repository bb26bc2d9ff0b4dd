"""From the cookie of a browser to the person behind it."""

import hmac
from datetime import timedelta
from hashlib import sha256

from flask import flash
from flask import session as cookie
from flask_login import login_user
from sqlalchemy.orm import Session

from models import Account, Membership, Role, account_with_memberships
from web.clock import real_time
from web.db import db
from web.permissions import SignedIn
from web.services.second_step import opens_guarded_role

IDLE = timedelta(hours=12)
IDLE_PUPIL = timedelta(minutes=30)
"""Pupils share the computers of their school."""
LONGEST = timedelta(days=7)
LONGEST_GUARDED = timedelta(hours=24)
"""However busy, a session that sees a whole territory ends after a day."""
REFRESHED_EVERY = 60
"""Seconds after which the cookie learns that somebody is still there."""


def start_session(account: Account) -> None:
    """Let this account in: nothing of the visitor's old cookie stays."""
    cookie.clear()
    login_user(SignedIn(account, account.roles[0]))
    cookie["key"] = session_key(db(), account)
    cookie["seen"] = cookie["since"] = int(real_time().timestamp())


def keep_session(account: Account) -> None:
    """Let this browser stay in after the account closed all its sessions."""
    cookie["key"] = session_key(db(), account)


def load_signed_in(account_id: str) -> SignedIn | None:
    """Return the account of this cookie and the membership it plays, or nobody.

    A session ends when nobody uses it for long, and when a password or a code changed since.
    However busy, it ends after a day for those who see a territory, after a week for others.
    """
    account = db().scalar(account_with_memberships(int(account_id)))
    if account is None or not account.roles:
        return None
    membership = _chosen(account.roles)
    if not hmac.compare_digest(str(cookie.get("key", "")), session_key(db(), account)):
        return _closed("Votre mot de passe ou votre code a changé : connectez-vous à nouveau.")
    if _lasted_too_long(membership):
        return _closed("La session était ouverte depuis longtemps : connectez-vous à nouveau.")
    if not _still_there(membership):
        return _closed("Personne n’utilisait cette page : la session s’est fermée.")
    return SignedIn(account, membership)


def session_key(session: Session, account: Account) -> str:
    """What ties a session to the password and the codes it was opened with."""
    secrets = [account.password_hash or ""]
    for held in account.memberships:
        person = held.pupil or held.guardian
        secrets.append((person.code_digest if person else None) or "")
    material = f"session:{account.id}:{account.session_epoch}:" + ":".join(
        sorted(filter(None, secrets))
    )
    return hmac.digest(session.info["pepper"], material.encode(), sha256).hex()[:32]


def _lasted_too_long(membership: Membership) -> bool:
    longest = LONGEST_GUARDED if opens_guarded_role(membership) else LONGEST
    age = int(real_time().timestamp()) - int(cookie.get("since", 0))
    return age > longest.total_seconds()


def _still_there(membership: Membership) -> bool:
    now = int(real_time().timestamp())
    idle = now - int(cookie.get("seen", 0))
    allowed = IDLE_PUPIL if membership.role is Role.PUPIL else IDLE
    if idle > allowed.total_seconds():
        return False
    if idle > REFRESHED_EVERY:
        cookie["seen"] = now
    return True


def _closed(why: str) -> None:
    """Forget who was there; the token of the forms stays, so that what is typed is not refused."""
    for name in ("_user_id", "_fresh", "membership", "key", "seen", "since", "second"):
        cookie.pop(name, None)
    flash(why, "warn")


def _chosen(memberships: list[Membership]) -> Membership:
    chosen = cookie.get("membership")
    return next((m for m in memberships if m.id == chosen), memberships[0])
