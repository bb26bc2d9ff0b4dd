"""The second step of a sign-in, and the page where one looks after one's own account."""

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask_login import current_user
from markupsafe import Markup
from werkzeug.wrappers import Response

from models import Role
from web.accounts import keep_session
from web.addresses import safe_next
from web.clock import now, real_time
from web.db import db
from web.forms.account import CodeForm
from web.permissions import only, owes_second_step
from web.services import second_step as steps
from web.services.attempts import Locked
from web.services.errors import Refused

bp = Blueprint("security", __name__, url_prefix="/compte")

Page = str | Response | tuple[str, int]
halfway = only(*Role, before_second_step=True)


@bp.get("/deuxieme-etape")
@halfway
def second_step() -> Page:
    if not owes_second_step() and _kept():
        return redirect(safe_next() or url_for("account.home"))
    return _step_page(CodeForm(formdata=None))


@bp.post("/deuxieme-etape/telephone")
@halfway
def begin() -> Page:
    steps.begin_set_up(db(), current_user.account.id, now=now(db()))
    return redirect(url_for(".second_step", next=safe_next()))


@bp.post("/deuxieme-etape/premier-code")
@halfway
def confirm() -> Page:
    form = CodeForm()
    if not form.validate():
        return _step_page(form, 422)
    try:
        codes = steps.confirm_set_up(db(), current_user.account.id, form.code.data, **_now())
    except Refused as refused:
        return _refused(form, refused)
    cookie["second"] = True
    return _codes_page(codes)


@bp.post("/deuxieme-etape")
@halfway
def give() -> Page:
    form = CodeForm()
    if not form.validate():
        return _step_page(form, 422)
    try:
        paper = steps.pass_second_step(db(), current_user.account.id, form.code.data, **_now())
    except Refused as refused:
        return _refused(form, refused)
    cookie["second"] = True
    if paper:
        left = steps.codes_left(db(), current_user.account.id)
        flash(f"Ce code de secours ne servira plus. Il en reste {left}.", "warn")
    return redirect(safe_next() or url_for("account.home"))


@bp.get("/securite")
@only(*Role)
def page() -> Page:
    account = current_user.account
    return render_template(
        "account/security.html",
        account=account,
        guarded=steps.opens_guarded_role(current_user.membership),
        set_up=_kept(),
        left=steps.codes_left(db(), account.id),
    )


@bp.post("/securite/codes")
@only(*Role)
def renew_codes() -> Page:
    return _codes_page(steps.renew_recovery_codes(db(), current_user.account.id, now=now(db())))


@bp.post("/securite/sessions")
@only(*Role)
def close_others() -> Page:
    account = current_user.account
    steps.close_sessions(db(), account, now=now(db()))
    keep_session(account)
    flash("Vos sessions ouvertes ailleurs sont fermées. Celle-ci reste ouverte.", "ok")
    return redirect(url_for(".page"))


def _kept() -> bool:
    return steps.is_set_up(current_user.account)


def _now() -> dict[str, object]:
    """Where and when: a phone counts with the time of the world, even in a demo."""
    return {"address": request.remote_addr or "", "real": real_time(), "now": now(db())}


def _refused(form: CodeForm, refused: Refused) -> Page:
    form.refuse(refused)
    return _step_page(form, 429 if isinstance(refused, Locked) else 422)


def _step_page(form: CodeForm, status: int = 200) -> Page:
    wanted = safe_next()
    if _kept():
        return render_template("account/second_step.html", form=form, next=wanted), status
    if current_user.account.second_step is None:
        return render_template("account/second_step_begin.html", next=wanted), status
    uri, key = steps.address_for_phone(db(), current_user.account)
    square = Markup(segno.make(uri, error="m").svg_inline(scale=5, border=2, light="white"))  # noqa: S704 - drawn from our own address
    page = "account/second_step_phone.html"
    return render_template(page, form=form, square=square, key=key, next=wanted), status


def _codes_page(codes: list[str]) -> Page:
    return render_template("account/recovery_codes.html", codes=codes, next=safe_next())
