"""From the cookie of a browser to the person behind it."""

from flask import session as cookie

from models import Membership, account_with_memberships
from web.db import db
from web.permissions import SignedIn


def load_signed_in(account_id: str) -> SignedIn | None:
    """Return the account of this cookie and the membership it plays, or nobody."""
    account = db().scalar(account_with_memberships(int(account_id)))
    if account is None or not account.memberships:
        return None
    return SignedIn(account, _chosen(account.memberships))


def _chosen(memberships: list[Membership]) -> Membership:
    chosen = cookie.get("membership")
    return next((m for m in memberships if m.id == chosen), memberships[0])
