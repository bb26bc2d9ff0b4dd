"""The demo: its campaign, its clock, its file and its port."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config import Settings
from models import (
    Campaign,
    Host,
    Label,
    Membership,
    Message,
    MessageState,
    Offer,
    OfferState,
    Placement,
    Pupil,
    Role,
    Round,
    RoundState,
    School,
)
from tests import factories as make
from tests.web.pages import Pages
from web import clock as clock_of
from web.app import create_app
from web.db import sessions_for
from web.demo.command import demo_settings, run_demo
from web.demo.play import Play, Stage, prepare_file
from web.format import day
from web.mailer import office
from web.services.accounts import request_link, sign_in_with_code, sign_in_with_password
from web.services.demo_clock import next_milestone, play_next_step
from web.services.errors import Refused
from web.services.mail import drain_outbox
from web.services.offer_drafts import takes_offers

pytestmark = pytest.mark.xdist_group("demo")

SMALL = 120
ROOT = Path(__file__).parents[2]
PRINTED = (Role.PUPIL, Role.GUARDIAN, Role.SCHOOL, Role.HOST, Role.ANIMATOR)


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """The whole demo, played once: (what it said, whether verified, its database)."""
    path = tmp_path_factory.mktemp("demo") / "demo.sqlite"
    said = []
    verified = run_demo(path, Stage.PUBLISHED, 8000, make_app=None, say=said.append, pupils=SMALL)
    return "\n".join(said), verified, path


@pytest.fixture
def stage(played):
    """A session on the demo as a visitor finds it."""
    sessions = sessions_for(demo_settings(played[2], 8000))
    with sessions.reading() as session:
        yield session
    sessions.engine.dispose()


def test_it_is_published_and_verified(played, stage):
    assert played[1]
    assert stage.query(Round).one().state is RoundState.PUBLISHED


def test_it_holds_the_season_of_a_departement(tmp_path):
    play = Play(demo_settings(tmp_path / "whole.sqlite", 8000), say=lambda _: None)
    play.found()
    play.fill()
    with play.sessions.reading() as session:
        assert 900 <= session.query(Pupil).count() <= 1100
        assert session.query(Host).count() >= 150
    play.sessions.engine.dispose()


def test_some_offers_wait_and_some_lists_are_not_confirmed(stage):
    assert stage.query(Offer).filter_by(state=OfferState.SUBMITTED).count() >= 3
    assert any(pupil.wishes_confirmed_at is None for pupil in stage.query(Pupil))


def test_the_ten_priority_colleges_take_part(stage):
    labels = [
        school.label_in(make.SEASON)
        for school in stage.query(School)
        if stage.query(Pupil).filter_by(school_id=school.id).count()
    ]
    assert labels.count(Label.REP_PLUS) == 4
    assert labels.count(Label.REP) == 6
    assert labels.count(Label.NONE) == 4


def test_priority_pupils_come_first(stage):
    placed = {placement.pupil_id for placement in stage.query(Placement)}
    rates = {}
    for label in Label:
        pupils = [
            p for p in stage.query(Pupil) if p.wishes and p.school.label_in(make.SEASON) is label
        ]
        rates[label] = sum(p.id in placed for p in pupils) / len(pupils)
    assert rates[Label.REP_PLUS] >= rates[Label.REP] >= rates[Label.NONE]
    assert rates[Label.REP_PLUS] > 0.95


def test_every_letter_was_written_and_none_left_the_machine(stage):
    assert {message.state for message in stage.query(Message)} == {MessageState.SENT}
    told = [message.recipient for message in stage.query(Message)]
    assert all(to.endswith("@example.org") or to.startswith("+3363998") for to in told), told
    assert all("{" not in message.body for message in stage.query(Message).limit(200))


@pytest.mark.parametrize("role", PRINTED)
def test_everyone_printed_can_sign_in(played, role):
    said, _, path = played
    (line,) = (line for line in said.split("\n") if line.startswith(f"  {role.label} "))
    sessions = sessions_for(demo_settings(path, 8000))
    with sessions.writing() as session:
        here = {"address": "127.0.0.1", "now": Stage.PUBLISHED.moment}
        if mail := re.search(r"(\S+@example\.org) / (.+)", line):
            account = sign_in_with_password(session, mail[1], mail[2], **here)
        else:
            code = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{3}-[A-Z0-9]{4}", line)[0]
            births = {p.birth_date for p in session.query(Pupil)}
            (born,) = (birth for birth in births if line.endswith(f" {day(birth, weekday=False)}"))
            account = sign_in_with_code(session, code, born, **here)
        assert [membership.role for membership in account.memberships] == [role]
    sessions.engine.dispose()


def test_the_same_seed_tells_the_same_story(stage, tmp_path):
    again = Play(demo_settings(tmp_path / "again.sqlite", 8000), lambda _: None, SMALL)
    again.found()
    again.fill()
    again.sessions.engine.dispose()
    told = {p.id: tuple(w.offer_id for w in p.wishes) for p in stage.query(Pupil)}
    assert {one.pupil_id: one.offer_ids for one in again.listed} == told
    assert {p.code_digest for p in stage.query(Pupil)} <= set(again.people.codes)


def test_a_file_that_no_demo_made_is_left_alone(tmp_path):
    path = tmp_path / "mine.sqlite"
    with closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE mine (x)")
    before = path.read_bytes()
    with pytest.raises(Refused, match="n’est pas touchée"):
        prepare_file(path)
    (tmp_path / "notes.txt").write_text("à garder")
    with pytest.raises(Refused):
        prepare_file(tmp_path / "notes.txt")
    assert path.read_bytes() == before


def test_a_busy_port_is_told_before_anything_is_done(app, tmp_path):
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        args = ["demo", "--port", str(busy.getsockname()[1]), "--file", str(tmp_path / "d.sqlite")]
        result = app.test_cli_runner().invoke(args=args)
    assert result.exit_code == 1
    assert "est déjà pris" in result.output
    assert not (tmp_path / "d.sqlite").exists()


@pytest.fixture
def demo_app(empty_database, tmp_path):
    """An app whose clock is the demo's, over a round that is about to open."""
    path = tmp_path / "clock.sqlite"
    path.write_bytes(empty_database.read_bytes())
    made = create_app(Settings(database_url=f"sqlite:///{path}", demo=True, mail_url="nowhere:"))
    made.config["WTF_CSRF_ENABLED"] = False
    with made.extensions["db"].writing.begin() as session:
        where = make.territory(session)
        make.animator(session, where)
        campaign = make.campaign(session, where, round_state=RoundState.PLANNED)
        weeks = make.weeks_of(session, campaign)
        klass = make.school_class(session, campaign, make.school(session, where), weeks)
        offer = make.offer(session, campaign, make.host(session, where), {weeks[0]: 2})
        make.wishes(session, make.pupil(session, klass), offer)
    yield made
    made.extensions["db"].engine.dispose()


def test_each_press_of_the_button_goes_to_the_next_date(demo_app, clock):
    clock.move_to(make.OFFERS_CLOSE)
    client = demo_app.test_client()
    answer = client.post("/demonstration/etape-suivante", headers={"Referer": "http://evil.test/x"})
    assert answer.location == "/"
    with demo_app.extensions["db"].reading() as session:
        assert session.query(Round).one().state is RoundState.WISHES_OPEN
    client.post("/demonstration/etape-suivante")
    with demo_app.extensions["db"].reading() as session:
        assert session.query(Round).one().state is RoundState.WISHES_CLOSED


def test_the_button_leads_through_publication_to_the_end(demo_app):
    from web.services.runs import work_once

    sessions = demo_app.extensions["db"]
    moment, seen = make.OFFERS_CLOSE, []
    while True:
        with sessions.writing() as session:
            if next_milestone(session, moment) is None:
                break
            moment = play_next_step(session, now=moment)
        at = moment
        work_once(sessions.writing, lambda _, at=at: at)
        with sessions.reading() as session:
            seen.append(session.query(Round).one().state)
    assert RoundState.PUBLISHED in seen
    assert seen[-1] is RoundState.ANSWERS_CLOSED
    with sessions.writing() as session, pytest.raises(Refused, match="finie"):
        play_next_step(session, now=moment)


def test_the_demos_pages_exist_in_demos_only(app):
    assert not [rule for rule in app.url_map.iter_rules() if "demonstration" in rule.rule]
    assert app.test_client().get("/demonstration/boite-aux-lettres").status_code == 404


@pytest.mark.parametrize("sent", [False, True])
def test_a_link_is_followed_from_the_demos_mailbox(demo_app, clock, sent):
    clock.move_to(make.OFFERS_CLOSE)
    with demo_app.extensions["db"].writing() as session:
        (reader,) = session.query(Membership).filter_by(role=Role.ANIMATOR)
        request_link(session, reader.account.email, now=make.OFFERS_CLOSE)
        if sent:
            post = office(demo_app.config["SETTINGS"])
            assert drain_outbox(session, post, now=make.OFFERS_CLOSE) == 1
    visitor = Pages(demo_app.test_client())
    page = visitor.get("/demonstration/boite-aux-lettres")
    assert page.h1.text == "Boîte aux lettres de la démonstration"
    (link,) = [a["href"] for a in page.main.select("a") if "/compte/lien/" in a["href"]]
    page = visitor.get(urlsplit(link).path)
    assert page.h1.text == "Choisissez votre mot de passe"


def test_the_demo_may_stop_while_offers_are_taken(tmp_path):
    path, said = tmp_path / "offers.sqlite", []
    assert run_demo(path, Stage.OFFERS_OPEN, 8000, make_app=None, say=said.append, pupils=SMALL)
    sessions = sessions_for(demo_settings(path, 8000))
    with sessions.reading() as session:
        campaign = session.query(Campaign).one()
        assert takes_offers(campaign, clock_of.now(session))
        assert session.query(Offer).filter_by(state=OfferState.SUBMITTED).count()
    sessions.engine.dispose()
    assert "Inscrivez une structure" in "\n".join(said)


def test_the_site_and_its_timetable_start_and_stop_together(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "demo", "--until", "wishes_open"]
    command += ["--pupils", str(SMALL)]
    env = os.environ | {"PYTHONUNBUFFERED": "1"}
    options = ["--port", str(port), "--file", str(tmp_path / "served.sqlite")]
    with subprocess.Popen(
        [*command, *options], cwd=ROOT, stdout=subprocess.PIPE, text=True, env=env
    ) as process:
        lines = iter(process.stdout.readline, "")
        assert any("emploi du temps est tenu" in line for line in lines)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
            assert "Démonstration" in answer.read().decode()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
