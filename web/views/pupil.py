"""Pages for pupils and their guardians."""

from flask import Blueprint

bp = Blueprint("pupil", __name__, url_prefix="/eleve")
