"""Pages for hosts."""

from flask import Blueprint

bp = Blueprint("host", __name__, url_prefix="/structure")
