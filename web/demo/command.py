"""The demo as one command: play, print, serve."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from config import Settings
from web.demo import report
from web.demo.access import doors
from web.demo.people import PUPILS
from web.demo.play import Play, Stage, prepare_file
from web.demo.serve import check_port, serve

LATER = {
    Stage.PUBLISHED: "Pour arriver plus tôt : flask demo --until offers_open, wishes_open "
    "ou review.",
    Stage.REVIEW: "Le bouton du bandeau mène à la publication.",
    Stage.OFFERS_OPEN: "Inscrivez une structure et posez une offre ; ses courriels sont dans la "
    "boîte aux lettres du bandeau.",
    Stage.WISHES_OPEN: "Le bouton du bandeau mène à l’étape suivante de la campagne.",
}


def demo_settings(path: Path, port: int) -> Settings:
    """The demo's own settings: its file, its clock, and no mail to anybody."""
    return Settings(
        database_url=f"sqlite:///{path.resolve()}",
        demo=True,
        mail_url="nowhere:",
        site_url=f"http://127.0.0.1:{port}",
        operator="Démonstration, rien n’est réel",
    )


def run_demo(
    path: Path,
    until: Stage,
    port: int,
    *,
    make_app: Callable[[Settings], Any] | None,
    say: Callable[[str], None],
    pupils: int = PUPILS,
) -> bool:
    """Play the demo, then serve it if there is an app to make; True if all is verified.

    `pupils` is about how many take part.

    Raises:
        Refused: the port is taken, or the file is not a demo's.
    """
    if make_app:
        check_port(port)
    prepare_file(path)
    start = time.perf_counter()
    settings = demo_settings(path, port)
    play = Play(settings, say, pupils)
    say("Loire-Atlantique, campagne 2026-2027 : une démonstration, personnes fictives.")
    play.play(until)
    verified = tell(play, until, settings, say)
    say(f"Joué en {time.perf_counter() - start:.0f} s.")
    play.sessions.engine.dispose()
    if make_app:
        say(f"\nLe site est ouvert : {settings.site_url}   (Ctrl-C pour arrêter)")
        serve(make_app(settings), settings, port)
    return verified


def tell(play: Play, until: Stage, settings: Settings, say: Callable[[str], None]) -> bool:
    """Print the figures and the ways in; True unless a promise of the run is broken."""
    verified = True
    with play.sessions.reading() as session:
        run = play.selected_run(session)
        if until in (Stage.REVIEW, Stage.PUBLISHED):
            verified = run is not None and play.verified()
            say("\nRésultat vérifié." if verified else "\nRésultat NON vérifié.")
        for line in report.figures(run) if run else ():
            say(line)
        found = doors(play.example_pupil(session), play.people)
        for line in ("", *report.doors(found, settings.site_url), "", LATER[until]):
            say(line)
    return verified
