"""The demo's own clock."""

from flask import Blueprint

bp = Blueprint("demo", __name__, url_prefix="/demonstration")
