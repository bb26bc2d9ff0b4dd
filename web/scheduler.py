"""The timetable: every timed job of the service on one screen, in a process of its own.

Each job is a use case that may be repeated: two schedulers, or a restart, do nothing twice, and
what was missed while none ran is caught up at the first tick.
"""

import signal
import threading
from collections.abc import Callable
from datetime import timedelta

from apscheduler.schedulers.background import BackgroundScheduler

from config import Settings
from web import clock
from web.db import Sessions
from web.mailer import office
from web.services.campaigns import advance
from web.services.catalogue import refresh_demand
from web.services.imports.drafts import forget_imports
from web.services.jobs import claim, tick
from web.services.mail import drain_outbox
from web.services.needs_access import erase_needs
from web.services.purge import purge
from web.services.reminders import remind_of_wishes
from web.services.runs import work_once

Job = Callable[[], None]


class Timetable:
    """The jobs of the service over one database."""

    def __init__(self, sessions: Sessions, settings: Settings) -> None:
        self.sessions = sessions
        self.office = office(settings)
        self.stopping = threading.Event()
        minute, day = timedelta(minutes=1), timedelta(days=1)
        self.jobs: dict[str, tuple[timedelta, Job]] = {
            "advance": (minute, self.once("advance", minute, advance)),
            "remind": (minute, self.use(remind_of_wishes)),
            "mail": (timedelta(seconds=20), self.drain),
            "compute": (timedelta(seconds=3), self.compute),
            "demand": (10 * minute, self.once("demand", day, refresh_demand)),
            "imports": (10 * minute, self.use(forget_imports)),
            "purge": (10 * minute, self.once("purge", day, purge)),
            "needs": (10 * minute, self.once("needs", day, erase_needs)),
        }

    def use(self, case: Callable[..., object]) -> Job:
        """Return a job that calls a use case with a session and the present moment."""

        def job() -> None:
            with self.sessions.writing() as session:
                case(session, now=clock.now(session))

        return job

    def once(self, name: str, every: timedelta, case: Callable[..., object]) -> Job:
        """Return the same, done by one process alone in each period."""

        def job() -> None:
            with self.sessions.writing() as session:
                now = clock.now(session)
                if claim(session, name, tick(now, every), now=now):
                    case(session, now=now)

        return job

    def drain(self) -> None:
        """Send what waits in the outbox, until nothing leaves or the process must stop."""
        left = 1
        while left and not self.stopping.is_set():
            with self.sessions.writing() as session:
                now, stop = clock.now(session), self.stopping.is_set
                left = drain_outbox(session, self.office, now=now, stopping=stop)

    def compute(self) -> None:
        """Compute the runs that wait, one after the other."""
        while not self.stopping.is_set() and work_once(self.sessions.writing, clock.now):
            pass

    def run(self, started: Callable[[], None]) -> None:
        """Keep the timetable until the process is asked to stop; let the work at hand finish."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: self.stopping.set())
        timetable = BackgroundScheduler(
            timezone="Europe/Paris",
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for name, (every, job) in self.jobs.items():
            timetable.add_job(job, id=f"{name} at start")
            timetable.add_job(job, "interval", seconds=every.total_seconds(), id=name)
        timetable.start()
        started()
        self.stopping.wait()
        timetable.shutdown(wait=True)
