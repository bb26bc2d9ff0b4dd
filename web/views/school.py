"""Pages for school heads."""

from flask import Blueprint

bp = Blueprint("school", __name__, url_prefix="/college")
