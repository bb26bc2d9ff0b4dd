"""The demo's site, with its timetable beside it; both stop together."""

import os
import signal
import socket
import subprocess
import sys
from typing import Any

import waitress

from config import Settings
from web.services.errors import Refused

HOST = "127.0.0.1"


def check_port(port: int) -> None:
    """Refuse early when something else already listens here."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise Refused(
                f"Le port {port} est déjà pris par un autre programme. "
                f"Arrêtez-le, ou choisissez un autre port : flask demo --port {port + 1}"
            ) from None


def serve(app: Any, settings: Settings, port: int) -> None:
    """Serve the site until Ctrl-C or a stop signal, with the timetable as a child process."""
    timetable = _start_timetable(settings)
    signal.signal(signal.SIGTERM, _leave)
    try:
        waitress.serve(app, host=HOST, port=port, threads=8, _quiet=True)
    finally:
        timetable.terminate()
        timetable.wait(timeout=60)


def _start_timetable(settings: Settings) -> subprocess.Popen[bytes]:
    told = {
        "DATABASE_URL": settings.database_url,
        "MAIL_URL": settings.mail_url,
        "SMS_URL": settings.sms_url,
        "SITE_URL": settings.site_url,
        "DEMO": "1",
        "PRODUCTION": "",
        "SECRET_KEY": settings.secret_key,
    }
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "scheduler"]
    # A session of its own: Ctrl-C reaches the site, which then stops the timetable properly.
    return subprocess.Popen(command, env=os.environ | told, start_new_session=True)  # noqa: S603


def _leave(*_: object) -> None:
    raise SystemExit(0)
