"""From a refusal to a page."""

from flask import Flask, render_template
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import NoResultFound
from werkzeug.exceptions import HTTPException

from web.services.errors import Gone, Refused

SENTENCES = {
    400: "Cette demande n’est pas complète. Revenez à la page précédente et recommencez.",
    403: "Votre compte n’ouvre pas cette page.",
    405: "Cette adresse ne s’ouvre pas ainsi. Passez par les boutons des pages.",
    413: "Ce fichier est trop lourd : 5 Mo au plus.",
    429: "Trop d’essais. Attendez quelques minutes.",
}


def init_errors(app: Flask) -> None:
    """Register one handler per family of errors."""

    @app.errorhandler(Gone)
    @app.errorhandler(NoResultFound)
    @app.errorhandler(404)
    def not_found(_error: Exception) -> tuple[str, int]:
        return render_template("errors/404.html"), 404

    @app.errorhandler(Refused)
    def refused(error: Refused) -> tuple[str, int]:
        return render_template("errors/refused.html", reason=str(error)), 409

    @app.errorhandler(CSRFError)
    def stale(_error: CSRFError) -> tuple[str, int]:
        reason = "Cette page est restée ouverte trop longtemps. Rechargez-la et recommencez."
        return render_template("errors/refused.html", reason=reason), 400

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> tuple[str, int]:
        code = error.code or 500
        reason = SENTENCES.get(code, SENTENCES[400])
        return render_template("errors/refused.html", reason=reason), code

    @app.errorhandler(500)
    def broken(_error: Exception) -> tuple[str, int]:
        # Rendered bare: context processors would ask the database who is here.
        return app.jinja_env.get_template("errors/500.html").render(), 500
