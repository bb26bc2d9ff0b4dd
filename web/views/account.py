"""Sign in, sign out, choose a password, change role."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_login import current_user, logout_user
from werkzeug.wrappers import Response

from models import Account, Invitation, Membership, Role, account_with_memberships
from web.accounts import start_session
from web.addresses import safe_next
from web.clock import now
from web.db import db
from web.forms.account import LetterForm, LinkForm, NewPasswordForm, PasswordForm
from web.permissions import only, public
from web.services.accounts import (
    accept_invitation,
    accept_role,
    enter_by_link,
    invitation_of,
    request_link,
    sign_in_with_code,
    sign_in_with_password,
)
from web.services.attempts import Locked
from web.services.errors import Gone, Refused

bp = Blueprint("account", __name__, url_prefix="/compte")

HOMES = {
    Role.PUPIL: "pupil.home",
    Role.GUARDIAN: "pupil.home",
    Role.SCHOOL: "school.home",
    Role.TEACHER: "school.home",
    Role.HOST: "host.home",
    Role.ANIMATOR: "animator.home",
    Role.OVERSEER: "overseer.home",
}


@bp.get("/")
@only(*Role)
def home():
    return redirect(url_for(HOMES.get(current_user.role, "public.home")))


@bp.get("/connexion")
@public
def sign_in():
    if current_user.is_authenticated:
        return redirect(safe_next() or url_for(".home"))
    return _doors(LetterForm(formdata=None), PasswordForm(formdata=None))


@bp.post("/connexion/lettre")
@public
def sign_in_with_letter():
    form = LetterForm()
    if not form.validate():
        return _doors(form, PasswordForm(formdata=None), 422)
    try:
        account = sign_in_with_code(
            db(),
            form.code.data,
            form.birth_date.data,
            address=request.remote_addr or "",
            now=now(db()),
        )
    except Refused as refused:
        form.refuse(refused)
        return _doors(form, PasswordForm(formdata=None), _status(refused))
    return _enter(account)


@bp.post("/connexion/mot-de-passe")
@public
def sign_in_with_mail():
    form = PasswordForm()
    if not form.validate():
        return _doors(LetterForm(formdata=None), form, 422)
    try:
        account = sign_in_with_password(
            db(),
            form.email.data,
            form.password.data,
            address=request.remote_addr or "",
            now=now(db()),
        )
    except Refused as refused:
        form.refuse(refused)
        return _doors(LetterForm(formdata=None), form, _status(refused))
    return _enter(account)


@bp.post("/sortie")
@public
def sign_out():
    logout_user()
    cookie.clear()
    flash("La session est fermée.", "ok")
    return redirect(url_for("public.home"))


@bp.route("/lien", methods=["GET", "POST"])
@public
def ask_link():
    form = LinkForm()
    if request.method == "POST" and form.validate():
        request_link(db(), form.email.data, now=now(db()))
        return render_template("account/link_sent.html", email=form.email.data)
    status = 422 if form.errors else 200
    return render_template("account/ask_link.html", form=form), status


@bp.get("/lien/<string:token>")
@public
def open_link(token: str):
    try:
        invitation = invitation_of(db(), token, now=now(db()))
    except Gone:
        return render_template("account/dead_link.html"), 410
    return _link_page(invitation, token, NewPasswordForm(formdata=None))


@bp.post("/lien/<string:token>")
@public
def use_link(token: str):
    form = NewPasswordForm()
    try:
        invitation = invitation_of(db(), token, now=now(db()))
        if _offers_a_role(invitation):
            return _welcome(accept_role(db(), token, now=now(db())))
        if _of_family(invitation):
            return _enter(enter_by_link(db(), token, now=now(db())))
        if form.validate():
            return _enter(accept_invitation(db(), token, form.password.data, now=now(db())))
    except Gone:
        return render_template("account/dead_link.html"), 410
    except Refused as refused:
        db().rollback()
        form.refuse(refused)
    return _link_page(invitation, token, form), 422


def _offers_a_role(invitation: Invitation) -> bool:
    """Whether the account has its password already, and is only offered a role more."""
    return invitation.membership is not None and invitation.account.password_hash is not None


def _of_family(invitation: Invitation) -> bool:
    """Whether the link opens the space of a family, without any password."""
    return invitation.membership is None and invitation.account.of_family


def _link_page(invitation: Invitation, token: str, form: NewPasswordForm) -> str:
    page = "account/new_password.html"
    if _offers_a_role(invitation):
        page = "account/accept_role.html"
    elif _of_family(invitation):
        page = "account/enter.html"
    return render_template(
        page,
        form=form,
        token=token,
        account=invitation.account,
        email=invitation.email,
        offered=invitation.membership,
    )


def _welcome(accepted: Membership) -> Response:
    flash(f"Rôle accepté : {accepted.role.label}, {accepted.scope_name}.", "ok")
    if current_user.is_authenticated and current_user.account.id == accepted.account_id:
        cookie["membership"] = accepted.id
        return redirect(url_for(".home"))
    return redirect(url_for(".sign_in"))


@bp.get("/roles")
@only(*Role, before_second_step=True)
def roles():
    return render_template("account/roles.html", memberships=current_user.account.roles)


@bp.post("/roles/<int:membership_id>")
@only(*Role, before_second_step=True)
def play_role(membership_id: int):
    if membership_id not in {m.id for m in current_user.account.roles}:
        raise Gone("Ce rôle n’est pas à vous.")
    cookie["membership"] = membership_id
    return redirect(url_for(".home"))


def _doors(letter: LetterForm, password: PasswordForm, status: int = 200) -> tuple[str, int]:
    form = password if password.errors else letter
    page = render_template(
        "account/sign_in.html", form=form, letter=letter, password=password, next=safe_next()
    )
    return page, status


def _status(refused: Refused) -> int:
    return 429 if isinstance(refused, Locked) else 422


def _enter(account: Account) -> Response:
    wanted = safe_next()
    start_session(db().scalars(account_with_memberships(account.id)).one())
    return redirect(wanted or url_for(".home"))
