"""Pages for animators."""

from flask import Blueprint

bp = Blueprint("animator", __name__, url_prefix="/animation")
