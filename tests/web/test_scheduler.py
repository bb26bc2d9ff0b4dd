"""The timetable as a process: it catches up, shares with another, and stops when asked."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from config import Settings
from models import JobClaim, Message, MessageState, Round, RoundState, Run, RunState
from tests import factories as make
from web.scheduler import Timetable

ROOT = Path(__file__).parents[2]
SECOND = timedelta(seconds=1)


@pytest.fixture
def timetable(sessions, clock):
    return Timetable(sessions, Settings(mail_url="nowhere:", testing=True))


@pytest.fixture
def lists(session):
    """One pupil with one wish, before the wishes close."""
    where = make.territory(session)
    campaign = make.campaign(session, where)
    campaign.rounds[0].secret = "secret of the test"
    weeks = make.weeks_of(session, campaign)
    klass = make.school_class(session, campaign, make.school(session, where), weeks)
    pupil = make.pupil(session, klass, guardian=make.guardian(session))
    offer = make.offer(session, campaign, make.host(session, where), {weeks[0]: 2})
    make.wishes(session, pupil, offer)
    session.commit()
    return pupil


def do(timetable, *names):
    for name in names:
        timetable.jobs[name][1]()


def stored(session, kind):
    """What the database holds now, without keeping its lock."""
    session.rollback()
    found = session.query(kind).order_by(kind.id).all()
    session.expunge_all()
    session.rollback()
    return found


def states(session, kind):
    return [row.state for row in stored(session, kind)]


def test_the_dates_of_a_round_pass_one_after_the_other(timetable, session, lists, clock):
    clock.move_to(make.WISHES_CLOSE - SECOND)
    do(timetable, "advance")
    assert states(session, Round) == [RoundState.WISHES_OPEN]
    clock.move_to(make.WISHES_CLOSE)
    do(timetable, "advance")
    assert states(session, Round) == [RoundState.WISHES_CLOSED]
    assert states(session, Run) == []
    clock.move_to(make.RUN_AT)
    do(timetable, "advance", "compute")
    assert states(session, Run) == [RunState.DONE]
    clock.move_to(make.RUN_AT + timedelta(minutes=1))
    do(timetable, "advance")
    assert states(session, Round) == [RoundState.REVIEW]


def test_what_was_missed_is_caught_up(timetable, session, lists, clock):
    clock.move_to(make.RUN_AT + timedelta(hours=9))
    do(timetable, "advance", "compute")
    assert states(session, Run) == [RunState.DONE]


def test_a_minute_is_played_by_one_process_only(sessions, session, lists, clock):
    settings = Settings(mail_url="nowhere:", testing=True)
    clock.move_to(make.WISHES_CLOSE)
    for _ in range(2):
        do(Timetable(sessions, settings), "advance")
    assert [claim.job for claim in stored(session, JobClaim)] == ["advance"]


def test_reminders_leave_once_and_are_sent(timetable, session, lists, clock):
    clock.move_to(make.WISHES_CLOSE - timedelta(days=2))
    do(timetable, "remind", "mail", "remind", "mail")
    (letter,) = stored(session, Message)
    assert (letter.recipient, letter.state) == ("samira@example.org", MessageState.SENT)


def test_daily_jobs_run_once_a_day(timetable, session, lists, clock):
    do(timetable, "demand", "purge", "demand", "purge")
    assert [claim.job for claim in stored(session, JobClaim)] == ["demand", "purge"]
    clock.shift(timedelta(days=1))
    do(timetable, "demand")
    assert [claim.job for claim in stored(session, JobClaim)] == ["demand", "purge", "demand"]


def test_the_process_stops_when_asked(tmp_path):
    env = os.environ | {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'stop.sqlite'}",
        "MAIL_URL": "nowhere:",
    }
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    subprocess.run([*flask, "upgrade-schema"], cwd=ROOT, env=env, check=True, capture_output=True)
    process = subprocess.Popen(
        [*flask, "scheduler"], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
    )
    assert "emploi du temps" in process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    process.stdout.close()
