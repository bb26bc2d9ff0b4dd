"""Who may open which page. Every view carries exactly one of these marks."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort
from flask_login import UserMixin, current_user, login_required

from models import Account, Membership, Role

View = Callable[..., Any]


class SignedIn(UserMixin):
    """The person behind a request: an account, and the membership chosen among its own."""

    def __init__(self, account: Account, membership: Membership) -> None:
        self.id = account.id
        self.account = account
        self.membership = membership

    @property
    def role(self) -> Role:
        """The role played now."""
        return self.membership.role


def public(view: View) -> View:
    """Open to everyone, signed in or not."""
    view.access = "public"  # type: ignore[attr-defined]
    return view


def only(*roles: Role) -> Callable[[View], View]:
    """Open to signed-in people playing one of these roles."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: object, **kwargs: object) -> Any:
            if current_user.role not in roles:
                abort(403)
            return view(*args, **kwargs)

        guarded = login_required(guarded)
        guarded.access = roles  # type: ignore[attr-defined]
        return guarded

    return mark


def me() -> Membership:
    """The membership that the signed-in person plays now: who looks, for Select builders."""
    membership: Membership = current_user.membership
    return membership
