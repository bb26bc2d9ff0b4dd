"""Who may open which page. Every view carries exactly one of these marks."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort, g, redirect, request, url_for
from flask import session as cookie
from flask_login import UserMixin, current_user, login_required

from models import Account, Membership, Role
from web.services.second_step import is_asked, opens_guarded_role

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


def by_key(view: View) -> View:
    """Open to systems that send a key, checked by the blueprint before each call."""
    view.access = "key"  # type: ignore[attr-defined]
    return view


def only(*roles: Role, before_second_step: bool = False) -> Callable[[View], View]:
    """Open to signed-in people playing one of these roles.

    Roles that see a whole territory give a second step first, except on the few pages where
    it is given: those say so.
    """

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: object, **kwargs: object) -> Any:
            if current_user.role not in roles:
                abort(403)
            if not before_second_step and owes_second_step():
                came = request.full_path.rstrip("?") if request.method == "GET" else None
                return redirect(url_for("security.second_step", next=came))
            return view(*args, **kwargs)

        guarded = login_required(guarded)
        guarded.access = roles  # type: ignore[attr-defined]
        return guarded

    return mark


def owes_second_step() -> bool:
    """Whether the person signed in still has to give the second step that this role asks for."""
    asked = is_asked(
        current_user.account,
        required=g.settings.requires_second_step,
        guarded=opens_guarded_role(current_user.membership),
    )
    return asked and not cookie.get("second")


def me() -> Membership:
    """The membership that the signed-in person plays now: who looks, for Select builders."""
    membership: Membership = current_user.membership
    return membership
