"""The `flask` commands of the service."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urljoin

import click
from flask import Flask
from sqlalchemy.exc import NoResultFound

from config import DEFAULT_DATABASE, Settings
from matching import VerificationError
from matching.formats import write_whole
from models import Network, account_by_email, weeks_of
from web import clock, format, schema
from web.adapters.schools import ALL, LOIRE_ATLANTIQUE, schools_of_loire_atlantique
from web.db import Sessions
from web.demo.command import run_demo
from web.demo.people import PUPILS
from web.demo.play import Stage
from web.scheduler import Timetable
from web.services.dates import NAMES, dates_of
from web.services.directory import import_schools
from web.services.errors import Refused
from web.services.half_days import TRAVEL_KM
from web.services.imports.drafts import write_list
from web.services.imports.report import read_list
from web.services.pathway_json import proposals_told
from web.services.preparation import create_usual_campaign
from web.services.purge import purge
from web.services.run_files import run_file
from web.services.second_step import forget_phone
from web.services.staff import GIVEN, Staff, create_account
from web.services.verification import SENTENCES, verify_run

DEMO_FILE = Path(DEFAULT_DATABASE.removeprefix("sqlite:///")).with_name("demo.sqlite")


def register_commands(
    app: Flask, settings: Settings, make_app: Callable[[Settings], Flask]
) -> None:
    """Add our commands to `flask`; the demo makes an app with settings of its own."""
    _add_operation(app, settings)
    _add_proofs(app)
    _add_directory(app)
    _add_accounts(app, settings)
    _add_demo(app, make_app)


def _sessions(app: Flask) -> Sessions:
    found: Sessions = app.extensions["db"]
    return found


def _ready(app: Flask) -> Sessions:
    """The sessions of a database that has its tables; one clear line where it has not."""
    found = _sessions(app)
    with found.reading() as session:  # whoever writes meanwhile keeps nobody waiting
        lacking = schema.lacks_tables(session.connection())
    if lacking:
        raise click.ClickException(
            f"La base {found.engine.url.render_as_string()} n’a pas toutes ses tables. "
            "Créez-les par « flask --app wsgi upgrade-schema », ou donnez par DATABASE_URL "
            f"l’adresse d’une autre base (celle de la démonstration : sqlite:///{DEMO_FILE})."
        )
    return found


@contextmanager
def _in_french() -> Iterator[None]:
    """Turn a refusal into one clear line on the terminal."""
    try:
        yield
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from None


def _add_operation(app: Flask, settings: Settings) -> None:
    @app.cli.command("upgrade-schema")
    def upgrade_schema() -> None:
        """Crée les tables, ou les met à jour."""
        schema.upgrade(_sessions(app).engine)
        click.echo("Les tables sont à jour.")

    @app.cli.command("scheduler")
    def scheduler() -> None:
        """Tient l’emploi du temps : échéances, rappels, courriels, calculs."""
        Timetable(_sessions(app), settings).run(lambda: click.echo("L’emploi du temps est tenu."))

    @app.cli.command("purge")
    def erase() -> None:
        """Efface ce dont le délai est passé ; l’emploi du temps le fait chaque jour."""
        with _ready(app).writing() as session:
            done = purge(session, now=clock.now(session))
        click.echo(f"Élèves rendus anonymes : {done['pupils']} ; preuves : {done['proofs']}.")


def _add_proofs(app: Flask) -> None:
    @app.cli.command("export-run")
    @click.argument("run_id", type=int)
    @click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
    def export(run_id: int, output: Path) -> None:
        """Écrit un calcul terminé dans un fichier que « python -m matching verify » contrôle."""
        with _in_french(), _ready(app).reading() as session:
            content = run_file(session, run_id)
        try:
            write_whole(output, content)
        except OSError as error:
            raise click.ClickException(f"{output} : {error.strerror}") from None
        click.echo(f"{output} : {format.number(len(content) / 1000)} ko, sans aucun nom.")

    @app.cli.command("verify-run")
    @click.argument("run_id", type=int)
    def verify(run_id: int) -> None:
        """Vérifie à nouveau un calcul terminé, promesse par promesse."""
        try:
            with _ready(app).reading() as session:
                checks = verify_run(session, run_id)
        except NoResultFound:
            raise click.ClickException("Ce calcul n’existe pas.") from None
        except VerificationError as broken:
            name = SENTENCES.get(broken.promise, "")
            raise click.ClickException(f"Promesse non tenue : {name} ({broken})") from None
        for check in checks:
            mark = {True: "tenue", False: "non tenue", None: "non vérifiée"}[check.held]
            click.echo(f"{check.code} {mark} : {check.sentence} {check.how}")
        if any(check.held is False for check in checks):
            raise click.exceptions.Exit(1)


def _add_directory(app: Flask) -> None:
    @app.cli.command("import-schools")
    @click.option("--file", "path", type=click.Path(exists=True, path_type=Path), default=ALL)
    def import_directory(path: Path) -> None:
        """Inscrit les collèges de Loire-Atlantique, avec leurs labels datés."""
        with _ready(app).writing() as session:
            rows = schools_of_loire_atlantique(path)
            done = import_schools(session, LOIRE_ATLANTIQUE, rows, now=clock.now(session))
        for sentence in done.refused:
            click.echo(f"Laissé de côté : {sentence}", err=True)
        click.echo(
            f"Collèges ajoutés : {done.added} ; mis à jour : {done.changed} ; "
            f"inchangés : {done.same} ; laissés de côté : {len(done.refused)}."
        )
        if done.refused:
            raise click.exceptions.Exit(1)

    @app.cli.command("create-campaign")
    @click.option("--departement", default="44", show_default=True)
    @click.option("--season", type=int, required=True, help="Année de la rentrée.")
    @click.option("--public-value", default="", help="Valeur publique annoncée pour le tirage.")
    def open_campaign(departement: str, season: int, public_value: str) -> None:
        """Prépare une campagne aux dates habituelles ; l’animation peut les changer."""
        with _in_french(), _ready(app).writing() as session:
            made = create_usual_campaign(
                session, departement, season, public_value, now=clock.now(session)
            )
            weeks = len(session.scalars(weeks_of(made.id)).all())
        click.echo(f"{made.name} préparée, {weeks} semaines de stage. Vérifiez ses dates :")
        for name, moment in dates_of(made.rounds[0]).__dict__.items():
            click.echo(f"  {NAMES[name]} : {format.moment(moment)}")

    @app.cli.command("propose-pathways")
    @click.option("--week", "monday", required=True, help="Le lundi, par exemple 2026-12-14.")
    @click.option("--departement", default="44", show_default=True)
    @click.option("--travel-km", type=click.IntRange(1, 100), default=TRAVEL_KM, show_default=True)
    @click.option(
        "--time-limit",
        type=click.FloatRange(min=0.1),
        help="Secondes au plus ; sans limite, tout est prouvé.",
    )
    def propose_pathways(
        monday: str, departement: str, travel_km: int, time_limit: float | None
    ) -> None:
        """Compose des parcours avec les demi-journées d’une semaine ; rien n’est écrit."""
        with _in_french(), _ready(app).reading() as session:
            told = proposals_told(session, departement, monday, travel_km, time_limit)
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))

    @app.cli.command("import-pupils")
    @click.argument("path", metavar="FILE", type=click.Path(exists=True, path_type=Path))
    @click.option("--school", "uai", required=True, help="L’UAI du collège.")
    @click.option("--write", is_flag=True, help="Enregistrer ; sinon rien n’est écrit.")
    def import_pupils(path: Path, uai: str, write: bool) -> None:
        """Lit une liste d’élèves et rend son compte rendu en JSON, ligne par ligne."""
        with _in_french(), _ready(app).writing() as session:
            now = clock.now(session)
            found, report = read_list(session, uai, path.read_bytes(), now=now)
            if write:
                write_list(session, found, by=None, now=now)
        click.echo(json.dumps({"written": write, **report}, ensure_ascii=False, indent=1))


def _add_accounts(app: Flask, settings: Settings) -> None:
    @app.cli.command("create-account")
    @click.argument("email")
    @click.option("--name", prompt="Prénom et nom")
    @click.option("--role", type=click.Choice([role.value for role in GIVEN]), default="animator")
    @click.option("--departement", default="44", show_default=True)
    @click.option("--uai", default="", help="Le collège d’un compte « school ».")
    @click.option("--network", type=click.Choice([network.value for network in Network]))
    def open_account(
        email: str, name: str, role: str, departement: str, uai: str, network: str | None
    ) -> None:
        """Ouvre un compte et donne le lien où choisir son mot de passe."""
        held = next((one for one in Network if one.value == network), None)
        given = next(one for one in GIVEN if one.value == role)
        staff = Staff(email, name, given, departement, uai, held)
        with _in_french(), _ready(app).writing() as session:
            token = create_account(session, staff, now=clock.now(session))
        click.echo(f"Lien à usage unique : {urljoin(settings.site_url, f'/compte/lien/{token}')}")

    @app.cli.command("forget-phone")
    @click.argument("email")
    def forget(email: str) -> None:
        """Oublie le téléphone d’un compte qui l’a perdu et n’a pas de collègue."""
        with _in_french(), _ready(app).writing() as session:
            account = session.scalar(account_by_email(email))
            if account is None:
                raise Refused("Aucun compte n’a cette adresse.")
            forget_phone(session, account, by=None, now=clock.now(session))
        click.echo("Téléphone oublié : la prochaine connexion en enregistrera un autre.")


def _add_demo(app: Flask, make_app: Callable[[Settings], Flask]) -> None:
    stages = click.Choice([stage.value for stage in Stage])

    @app.cli.command("demo")
    @click.option("--serve/--no-serve", "serves", default=True, help="Ouvrir le site à la fin.")
    @click.option("--until", type=stages, default=Stage.PUBLISHED.value, show_default=True)
    @click.option("--port", default=8000, show_default=True)
    @click.option("--file", "path", type=click.Path(path_type=Path), default=DEMO_FILE)
    @click.option("--pupils", default=PUPILS, type=click.IntRange(100, PUPILS), hidden=True)
    def demo(serves: bool, until: str, port: int, path: Path, pupils: int) -> None:
        """Joue une campagne entière en Loire-Atlantique, puis ouvre le site."""
        path.parent.mkdir(parents=True, exist_ok=True)
        app_maker = make_app if serves else None
        with _in_french():
            verified = run_demo(
                path, Stage(until), port, make_app=app_maker, say=click.echo, pupils=pupils
            )
        if not verified:
            raise click.exceptions.Exit(1)
