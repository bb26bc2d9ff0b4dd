"""Sign in, sign out, choose a password."""

from flask import Blueprint

bp = Blueprint("account", __name__, url_prefix="/compte")
