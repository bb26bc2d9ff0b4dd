"""Put the application together."""

import secrets
from functools import partial

from flask import Flask, Response, g
from flask_bootstrap import Bootstrap5
from flask_login import LoginManager
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from config import Settings
from models import WATCHED
from web import clock, format, menu
from web.accounts import load_signed_in
from web.cli import register_commands
from web.db import Sessions, db, init_db, sessions_for
from web.errors import init_errors
from web.services import hours
from web.services.hours import too_long_for
from web.services.needs_access import access_words
from web.services.pathway_words import days_at, pathway_days
from web.services.phones import read_number
from web.services.place_words import rank_words
from web.typography import FrenchTypography, french_value, verbatim
from web.views import (
    account,
    animator,
    api,
    api_keys,
    commitments,
    decisions,
    demo,
    entered,
    entered_import,
    family,
    host,
    host_account,
    host_offer,
    host_offer_change,
    host_place,
    host_statement,
    journal,
    next_round,
    objections,
    offer_reports,
    open_data,
    overseer,
    own_access,
    pathways,
    preparation,
    prospecting,
    public,
    pupil,
    replacing,
    requests,
    scenarios,
    school,
    school_documents,
    school_family,
    school_follow_up,
    school_import,
    school_review,
    school_team,
    security,
    staff,
)

FILTERS = (
    "day",
    "hour",
    "moment",
    "week",
    "number",
    "percent",
    "km",
    "season",
    "plural",
    "told",
    "shell",
)

PAGES = (
    public,
    account,
    security,
    staff,
    school,
    school_family,
    school_documents,
    school_follow_up,
    school_import,
    school_review,
    school_team,
    host,
    host_account,
    host_offer,
    host_offer_change,
    host_place,
    host_statement,
    pupil,
    family,
    own_access,
    requests,
    animator,
    scenarios,
    objections,
    decisions,
    pathways,
    replacing,
    next_round,
    preparation,
    commitments,
    prospecting,
    entered,
    entered_import,
    api_keys,
    api,
    journal,
    offer_reports,
    overseer,
    open_data,
)


class RowNumber(IntegerConverter):
    """A number that a database can hold: a longer one in an address is a 404, not a fault."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=2**31 - 1)


def create_app(settings: Settings, sessions: Sessions | None = None) -> Flask:
    """Return an application ready to serve, built from these settings alone."""
    app = Flask(__name__)
    app.url_map.converters["int"] = RowNumber
    app.config.update(
        SECRET_KEY=settings.secret_key,
        TESTING=settings.testing,
        SETTINGS=settings,
        MAX_CONTENT_LENGTH=settings.max_upload_bytes,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.production,
        BOOTSTRAP_SERVE_LOCAL=True,
        WTF_CSRF_TIME_LIMIT=None,
    )
    init_db(app, sessions or sessions_for(settings))
    _init_people(app)
    _init_pages(app, settings)
    _init_headers(app, settings)
    init_errors(app)
    journal.note_reading(app)
    for module in PAGES:
        app.register_blueprint(module.bp)
    if settings.demo:
        app.register_blueprint(demo.bp)
    register_commands(app, settings, create_app)
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies
        )
    return app


def _init_people(app: Flask) -> None:
    login = LoginManager(app)
    login.login_view = "account.sign_in"
    login.login_message = "Connectez-vous pour ouvrir cette page."
    login.login_message_category = "brand"
    login.user_loader(load_signed_in)
    CSRFProtect(app).exempt(api.bp)  # systems send a key, no cookie


def _init_pages(app: Flask, settings: Settings) -> None:
    env = app.jinja_env
    env.trim_blocks = env.lstrip_blocks = True
    env.add_extension(FrenchTypography)
    env.finalize = french_value
    env.filters["number_read"] = read_number
    env.filters["verbatim"] = verbatim
    env.filters["present"] = lambda d: {k: v for k, v in d.items() if v is not None}
    for name in FILTERS:
        env.filters[name] = getattr(format, name)
    env.globals.update(
        settings=settings,
        of=format.of,
        days_left=format.days_left,
        access_words=access_words,
        watched=WATCHED,
        too_long_for=too_long_for,
        hour_limits=hours.LIMITS,
        hours_hint=hours.HINT,
        pathway_days=pathway_days,
        days_at=days_at,
        rank_words=rank_words,
        menu=partial(menu.links, app.url_map),
        menu_name=menu.NAMES.get,
    )
    Bootstrap5(app)

    @app.before_request
    def share_settings() -> None:
        g.settings = settings

    @app.context_processor
    def moment() -> dict[str, object]:
        return {"now": clock.now(db()), "nonce": _nonce()}


def _nonce() -> str:
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    nonce: str = g.nonce
    return nonce


def _init_headers(app: Flask, settings: Settings) -> None:
    @app.after_request
    def headers(response: Response) -> Response:
        policy = (
            "default-src 'none'; img-src 'self' data:; style-src 'self'; connect-src 'self'; "
            f"script-src 'nonce-{_nonce()}'; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'; manifest-src 'self'"
        )
        response.headers.setdefault("Content-Security-Policy", policy)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), geolocation=(), microphone=()"
        )
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        if settings.production:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response
