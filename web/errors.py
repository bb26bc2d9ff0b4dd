"""From a refusal to a page."""

from flask import Flask, Response, render_template
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import NoResultFound
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from web.problems import asked_by_a_system, problem
from web.services.errors import Gone, Refused

SENTENCES = {
    400: "Cette demande n’est pas complète. Revenez à la page précédente et recommencez.",
    403: "Votre compte n’ouvre pas cette page.",
    405: "Cette adresse ne s’ouvre pas ainsi. Passez par les boutons des pages.",
    413: "Ce fichier est trop lourd : 5 Mo au plus.",
    429: "Trop d’essais. Attendez quelques minutes.",
}
TO_SYSTEMS = {
    404: "Aucun appel n’a cette adresse : voyez /api/v1/aide.",
    405: "Cette adresse n’a pas cet appel : voyez /api/v1/aide.",
    413: "Ce corps est trop lourd : 5 Mo au plus.",
    500: "Une panne de notre côté : rien n’a été enregistré. Recommencez dans une minute.",
}


def init_errors(app: Flask) -> None:
    """Register one handler per family of errors."""

    @app.errorhandler(Gone)
    @app.errorhandler(NoResultFound)
    @app.errorhandler(404)
    def not_found(_error: Exception) -> tuple[Response | str, int]:
        if asked_by_a_system():
            return problem(404, TO_SYSTEMS[404])
        return render_template("errors/404.html"), 404

    @app.errorhandler(Refused)
    def refused(error: Refused) -> tuple[str, int]:
        return render_template("errors/refused.html", reason=str(error)), 409

    @app.errorhandler(CSRFError)
    def stale(_error: CSRFError) -> tuple[str, int]:
        reason = "Cette page est restée ouverte trop longtemps. Rechargez-la et recommencez."
        return render_template("errors/refused.html", reason=reason), 400

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> tuple[Response | str, int, dict[str, str]]:
        code = error.code or 500
        allowed = isinstance(error, MethodNotAllowed) and error.valid_methods
        headers = {"Allow": ", ".join(sorted(allowed))} if allowed else {}
        reason = SENTENCES.get(code, SENTENCES[400])
        if asked_by_a_system():
            answer, _ = problem(code, TO_SYSTEMS.get(code, reason))
            return answer, code, headers
        return render_template("errors/refused.html", reason=reason), code, headers

    @app.errorhandler(500)
    def broken(_error: Exception) -> tuple[Response | str, int]:
        if asked_by_a_system():
            return problem(500, TO_SYSTEMS[500])
        # Rendered bare: context processors would ask the database who is here.
        return app.jinja_env.get_template("errors/500.html").render(), 500
