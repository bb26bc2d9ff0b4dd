"""What two processes do at once on a real PostgreSQL: each thing happens once."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from config import Settings
from models import (
    Base,
    Event,
    Message,
    MessageKind,
    MessageState,
    Origin,
    Placement,
    PlacementState,
    Pupil,
    RoundState,
    Run,
    Wish,
)
from tests import factories as f
from tests.services.seasons import Season
from web.db import sessions_for
from web.mailer import office
from web.services import campaigns, runs
from web.services.errors import Refused
from web.services.mail import drain_outbox
from web.services.outbox import tell
from web.services.publication import publish
from web.services.wishes import replace_wishes

pytestmark = pytest.mark.xdist_group("postgres")


@pytest.fixture
def sessions(blank_postgres):
    made = sessions_for(Settings(database_url=blank_postgres, secret_key="s" * 32))
    Base.metadata.create_all(made.engine)
    yield made
    made.engine.dispose()


@pytest.fixture
def season(session):
    return Season(session)


def at_once(sessions, act, count=2):
    """Run an act in several threads that start together; what each returned or raised."""
    gate, told = threading.Barrier(count), []

    def one():
        with sessions.writing() as session:
            gate.wait()
            try:
                told.append(act(session))
            except Exception as error:
                told.append(error)

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(told) == count
    return told


def test_two_workers_claim_one_run(session, sessions, season):
    season.close()
    campaigns.advance(session, f.RUN_AT)
    told = at_once(sessions, lambda s: runs.claim_run(s, now=f.RUN_AT), count=4)
    assert sum(task is not None for task in told) == 1
    assert not any(isinstance(task, Exception) for task in told)


def test_a_whole_round_is_played(session, sessions, season):
    season.review(sessions)
    publish(session, season.round.id, by=season.by, now=f.PUBLISH_AT)
    assert session.query(Placement).count() == 5


def test_two_animators_publish_and_one_is_told(session, sessions, season):
    season.review(sessions)
    round_id, by = season.round.id, season.by
    session.commit()
    told = at_once(sessions, lambda s: publish(s, round_id, by=by, now=f.PUBLISH_AT) and "done")
    assert all(isinstance(one, Refused) or one == "done" for one in told), told
    session.expire_all()
    assert session.query(Placement).count() == 5
    assert session.query(Event).filter_by(kind="round.published").count() == 1
    keys = [(m.recipient, m.event_key) for m in session.query(Message)]
    assert len(keys) == len(set(keys))


def test_a_pupil_holds_one_place_at_a_time(session, season):
    def place(state):
        session.add(
            Placement(
                campaign_id=season.campaign.id,
                round_id=season.round.id,
                pupil_id=season.pupils[0].id,
                offer_week_id=season.wood.weeks[0].id,
                origin=Origin.HAND,
                state=state,
                created_at=f.RUN_AT,
            )
        )
        session.flush()

    place(PlacementState.DECLINED)
    place(PlacementState.OFFERED)
    with pytest.raises(IntegrityError):
        place(PlacementState.ACCEPTED)
    session.rollback()


def test_two_processes_advance_and_each_step_happens_once(session, sessions, season):
    for moment in (f.WISHES_OPEN, f.WISHES_CLOSE):
        told = at_once(sessions, lambda s, at=moment: campaigns.advance(s, at), count=3)
        assert not any(isinstance(one, Exception) for one in told), told
    session.expire_all()
    assert season.round.state is RoundState.WISHES_CLOSED
    for kind in ("round.wishes_opened", "round.wishes_closed"):
        assert session.query(Event).filter_by(kind=kind).count() == 1
    at_once(sessions, lambda s: campaigns.advance(s, f.RUN_AT), count=3)
    assert session.query(Run).count() == 1


class Desk:
    """A post office that takes its time and keeps what it was given."""

    def __init__(self):
        self.letters = []

    def send(self, letter):
        self.letters.append(letter["To"])


def test_two_processes_drain_the_outbox_and_each_letter_leaves_once(session, sessions, season):
    desk = Desk()
    mail = replace(office(Settings(mail_url="nowhere:")), post=desk)
    params = {"children": ["Lina"], "days": 7, "deadline": f.WISHES_CLOSE.isoformat()}
    people = [f"famille{number}@example.org" for number in range(40)]
    letters = [(one, params) for one in people]
    tell(session, MessageKind.WISHES_REMINDER, "reminder", letters, now=f.WISHES_OPEN)
    session.commit()

    told = at_once(sessions, lambda s: drain_outbox(s, mail, now=f.WISHES_OPEN), count=3)

    assert sum(told) == 40
    assert sorted(desk.letters) == sorted(people)
    session.expire_all()
    assert {m.state for m in session.query(Message)} == {MessageState.SENT}


def test_two_tabs_save_a_list_and_one_is_told(session, sessions, season):
    season.round.state = RoundState.WISHES_OPEN
    season.campaign.state = f.CampaignState.RUNNING
    session.commit()
    pupil_id = season.pupils[6].id
    tabs = [[season.wood.id, season.town.id], [season.town.id, season.wood.id]]
    now = f.WISHES_OPEN + timedelta(days=1)
    told = at_once(
        sessions,
        lambda s: replace_wishes(s, pupil_id, tabs.pop(), version=0, by=None, now=now).id,
    )
    assert told.count(pupil_id) == 1
    assert sum(isinstance(one, Refused) for one in told) == 1
    session.expire_all()
    assert session.query(Wish).filter_by(pupil_id=pupil_id).count() == 2
    assert session.get(Pupil, pupil_id).wishes_version == 1
