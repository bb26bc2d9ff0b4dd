"""Plays the campaign of the demo, from an empty file to published results."""

import enum
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy.orm import Session

from config import Settings
from models import (
    Campaign,
    Pupil,
    Run,
    RunState,
    School,
    Week,
    campaign_by_id,
    open_offers,
    pupils_of_campaign,
    run_with_arrays,
    runs_of_round,
    schools_by_uai,
    territory_of,
    weeks_of,
)
from web import clock, schema
from web.adapters.schools import LOIRE_ATLANTIQUE, schools_of_loire_atlantique
from web.db import sessions_for
from web.demo import season
from web.demo.access import (
    ANIMATOR,
    account_named,
    let_staff_in,
    register_example_host,
    share_password,
)
from web.demo.commitments import add_commitments
from web.demo.hosts import add_hosts
from web.demo.parcours import add_half_days, open_parcours
from web.demo.people import PUPILS, People, add_people
from web.demo.prospects import add_prospect_list
from web.demo.wishes import Listed, lists, write_lists
from web.mailer import office
from web.services.campaigns import advance
from web.services.catalogue import refresh_demand
from web.services.demo_clock import set_clock
from web.services.directory import import_schools
from web.services.errors import Refused
from web.services.mail import drain_outbox
from web.services.publication import publish
from web.services.reminders import remind_of_wishes
from web.services.runs import work_once
from web.services.verification import verify_run
from web.services.wishes import confirm_wishes, replace_wishes

SEED = 2026
THROUGH_SERVICES = 24
"""Lists of the first wave that are written as a family would, act by act."""
HEAT_OF_EXAMPLE = 0.8
HEAT_OF_PARCOURS = 0.7


class Stage(enum.Enum):
    """Where the demo may stop, and the moment its clock then shows."""

    OFFERS_OPEN = "offers_open"
    WISHES_OPEN = "wishes_open"
    REVIEW = "review"
    PUBLISHED = "published"

    @property
    def moment(self) -> datetime:
        """What the clock shows when a visitor arrives."""
        return {
            Stage.OFFERS_OPEN: season.START + timedelta(days=14, hours=4),
            Stage.WISHES_OPEN: season.WISHES_OPEN + timedelta(days=3, hours=2),
            Stage.REVIEW: season.REVIEW_ENDS - timedelta(days=2, hours=7),
            Stage.PUBLISHED: season.PUBLICATION + timedelta(hours=2),
        }[self]


def prepare_file(path: Path) -> None:
    """Make room for the demo's own file.

    Raises:
        Refused: a file is there that no demo made; it is left as it is.
    """
    if path.exists() and not _made_by_a_demo(path):
        raise Refused(f"{path} n’est pas une base de démonstration : elle n’est pas touchée.")
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _made_by_a_demo(path: Path) -> bool:
    if path.stat().st_size == 0:
        return True
    try:
        with closing(sqlite3.connect(path)) as file:
            return file.execute("SELECT count(*) FROM demo_clock").fetchone() != (0,)
    except sqlite3.DatabaseError:
        return False


class Play:
    """One performance: what it has made so far, and the office that keeps its letters."""

    def __init__(
        self, settings: Settings, say: Callable[[str], None], pupils: int = PUPILS
    ) -> None:
        self.sessions = sessions_for(settings)
        self.office = office(settings)
        self.say = say
        self.rng = Random(SEED)
        self.share = pupils / PUPILS
        self.people = People()
        self.heat: dict[int, float] = {}
        self.listed: list[Listed] = []
        self.campaign_id = 0

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Tell what is being done, and in how many seconds it was."""
        start = time.perf_counter()
        yield
        seconds = f"{time.perf_counter() - start:.1f}".replace(".", ",")
        self.say(f"  {title:<62} {seconds:>5} s")

    def play(self, until: Stage) -> None:
        """Play the campaign up to a stage and set the clock there."""
        self.found()
        self.fill()
        if until is Stage.OFFERS_OPEN:
            self.pass_time(until.moment)
        else:
            self.open_wishes()
        if until in (Stage.REVIEW, Stage.PUBLISHED):
            self.finish_wishes()
            self.assign()
        if until is Stage.PUBLISHED:
            self.publish()
        with self.sessions.writing() as session:
            set_clock(session, until.moment, now=clock.now(session))

    def found(self) -> None:
        """Tables, schools, calendar and staff."""
        with self.step("Tables, collèges de Loire-Atlantique, calendrier"):
            schema.upgrade(self.sessions.engine)
            with self.sessions.writing() as session:
                set_clock(session, season.START, now=clock.now(session))
                rows = schools_of_loire_atlantique()
                import_schools(session, LOIRE_ATLANTIQUE, rows, now=season.START)
            with self.sessions.writing.begin() as session:
                where = session.scalars(territory_of(LOIRE_ATLANTIQUE.code)).one()
                self.campaign_id = season.add_campaign(session, where).id
        with self.step("Comptes de l’animation et des collèges"):
            with self.sessions.writing() as session:
                let_staff_in(session, now=season.START)
            with self.sessions.writing.begin() as session:
                share_password(session)

    def fill(self) -> None:
        """Pupils, hosts and offers; the lists that pupils have in mind."""
        with self.step("Élèves, responsables et classes"), self.sessions.writing.begin() as session:
            campaign, weeks = self.campaign(session), self.weeks(session)
            schools: list[School] = list(session.scalars(schools_by_uai()))
            self.people = add_people(session, campaign, schools, weeks, self.rng, self.share)
        with self.step("Structures d’accueil et offres"):
            with self.sessions.writing.begin() as session:
                campaign, weeks = self.campaign(session), self.weeks(session)
                pupils = session.scalars(pupils_of_campaign(self.campaign_id)).all()
                self.heat = add_hosts(session, campaign, weeks, pupils, self.rng, self.share)
            with self.sessions.writing() as session:
                advance(session, season.START)
                at = season.START + timedelta(days=9)
                made = register_example_host(session, self.campaign_id, now=at)
                self.heat[made.id] = HEAT_OF_EXAMPLE
            with self.sessions.writing.begin() as session:
                by = account_named(session, ANIMATOR).id
                campaign = self.campaign(session)
                add_commitments(session, campaign, by, now=season.START)
                add_half_days(session, campaign, campaign.territory)
            with self.sessions.writing() as session:
                campaign, by = self.campaign(session), account_named(session, ANIMATOR).id
                for made_id in open_parcours(session, campaign, by=by):
                    self.heat[made_id] = HEAT_OF_PARCOURS
            with self.sessions.writing() as session:
                add_prospect_list(session, account_named(session, ANIMATOR).memberships[0])
        with self.step("Goûts des élèves"), self.sessions.reading() as session:
            pupils = session.scalars(pupils_of_campaign(self.campaign_id)).all()
            offers = session.scalars(open_offers(self.campaign_id)).all()
            self.listed = lists(pupils, offers, self.heat, self.rng)

    def open_wishes(self) -> None:
        """The wishes open; half the lists are written, some of them act by act."""
        with self.step("Ouverture des vœux et courriels aux familles"):
            self.pass_time(season.WISHES_OPEN)
        first = self.listed[::2]
        with self.step("Première vague de vœux"):
            with self.sessions.writing() as session:
                for one in first[:THROUGH_SERVICES]:
                    write_as_a_family(session, one, season.WISHES_OPEN + timedelta(hours=9))
            self.write(first, season.WISHES_OPEN)

    def finish_wishes(self) -> None:
        """Reminders, the other half of the lists, and the closing."""
        with self.step("Rappel à sept jours"):
            self.pass_time(season.WISHES_CLOSE - timedelta(days=7))
        with self.step("Seconde vague de vœux"):
            self.write(self.listed[1::2], season.WISHES_CLOSE - timedelta(days=6))
        with self.step("Rappel à deux jours"):
            self.pass_time(season.WISHES_CLOSE - timedelta(days=2))
        with self.step("Clôture des vœux, empreinte de ce qu’ils contiennent"):
            self.pass_time(season.WISHES_CLOSE)

    def assign(self) -> None:
        """The run at its hour, computed and verified, then open to the schools."""
        with self.step("Affectation : calcul exact, puis vérification indépendante"):
            self.pass_time(season.RUN)
            while work_once(self.sessions.writing, lambda _: season.RUN + timedelta(minutes=1)):
                pass
            self.check_run()
        with self.step("Relecture ouverte aux collèges"):
            self.pass_time(season.RUN + timedelta(minutes=2))

    def check_run(self) -> None:
        """Stop here, with the reason, if the run did not succeed.

        Raises:
            Refused: what the run itself says.
        """
        with self.sessions.reading() as session:
            for run in session.scalars(runs_of_round(self.campaign(session).current_round.id)):
                if run.state is not RunState.DONE:
                    raise Refused(f"Le calcul n’a pas abouti : {run.failure or run.state.label}")

    def publish(self) -> None:
        """The schools' delay ends and an animator publishes."""
        with self.step("Publication et courriels à chacun"):
            self.pass_time(season.REVIEW_ENDS)
            with self.sessions.writing() as session:
                by = account_named(session, ANIMATOR).id
                round_id = self.campaign(session).current_round.id
                publish(session, round_id, by=by, now=season.PUBLICATION)
            self.pass_time(season.PUBLICATION)

    def pass_time(self, moment: datetime) -> None:
        """Do what the timetable does when this moment comes."""
        with self.sessions.writing() as session:
            advance(session, moment)
            remind_of_wishes(session, now=moment)
            while drain_outbox(session, self.office, now=moment):
                pass

    def write(self, listed: list[Listed], start: datetime) -> None:
        """Write a wave of lists and count the demand anew."""
        with self.sessions.writing.begin() as session:
            write_lists(session, self.campaign_id, listed, start, self.rng)
        with self.sessions.writing() as session:
            refresh_demand(session, now=start + timedelta(days=1))

    def campaign(self, session: Session) -> Campaign:
        """The campaign of the demo."""
        return session.scalars(campaign_by_id(self.campaign_id)).one()

    def weeks(self, session: Session) -> list[Week]:
        """Its weeks."""
        return list(session.scalars(weeks_of(self.campaign_id)))

    def selected_run(self, session: Session) -> Run | None:
        """The run chosen for the round, if the play went that far."""
        run_id = self.campaign(session).current_round.selected_run_id
        return session.scalar(run_with_arrays(run_id)) if run_id else None

    def verified(self) -> bool:
        """Check the chosen run anew; before any run there is nothing to doubt."""
        with self.sessions.reading() as session:
            run = self.selected_run(session)
            if run is None or run.state is not RunState.DONE:
                return False
            return all(check.held is not False for check in verify_run(session, run.id))

    def example_pupil(self, session: Session) -> Pupil:
        """A pupil of the first collège, with a list and a guardian."""
        listed = {one.pupil_id for one in self.listed[::2] if len(one.offer_ids) >= 5}
        pupil = next(one for one in self.people.pupils if one.id in listed)
        return session.get_one(Pupil, pupil.id)


def write_as_a_family(session: Session, listed: Listed, now: datetime) -> None:
    """Save a list, and perhaps confirm it, through the use cases of the families' pages."""
    if not listed.offer_ids:
        return
    pupil = replace_wishes(session, listed.pupil_id, listed.offer_ids, version=0, by=None, now=now)
    if listed.confirms:
        version = pupil.wishes_version
        confirm_wishes(session, listed.pupil_id, version=version, by=None, now=now)
