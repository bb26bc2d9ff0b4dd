"""Pupils are forgotten on the 31 August after their season; the proof a year later."""

from datetime import UTC, date, datetime, timedelta

import pytest

from models import (
    Account,
    Assignment,
    Campaign,
    Guardian,
    Membership,
    Message,
    MessageState,
    Placement,
    Pupil,
    Role,
    Run,
    RunPupil,
    Wish,
)
from tests import factories as f
from tests.services.seasons import Season
from web.services.publication import publish
from web.services.purge import purge

END = datetime(2027, 8, 30, 22, tzinfo=UTC)  # midnight in France
PROOF_END = datetime(2028, 8, 30, 22, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def season(session, sessions):
    made = Season(session).review(sessions)
    publish(session, made.round.id, by=made.by, now=f.PUBLISH_AT)
    for message in session.query(Message):
        message.state, message.body = MessageState.SENT, "Bonjour Élève0"
    f.member(session, Role.GUARDIAN, guardian=made.guardian, email="samira@example.org")
    f.pupil_member(session, made.pupils[0], email="eleve@example.org")
    session.commit()
    return made


def names(session):
    session.expire_all()
    return {pupil.first_name for pupil in session.query(Pupil)}


def test_not_a_second_too_early(session, season):
    assert purge(session, now=END - SECOND) == {"pupils": 0, "proofs": 0}
    assert "Élève0" in names(session)
    assert session.query(Guardian).count() == 1


def test_nothing_of_a_person_stays_after_the_31_august(session, season):
    assert purge(session, now=END) == {"pupils": 7, "proofs": 0}
    assert names(session) == {"Élève"}
    assert {p.birth_date for p in session.query(Pupil)} == {date(2012, 1, 1)}
    assert all(p.code_digest is None for p in session.query(Pupil))
    assert session.query(Guardian).count() == 0
    assert {a.email for a in session.query(Account) if a.memberships} == {
        "direction@example.org",
        "atelier@example.org",
        season.animator.account.email,
    }
    assert not {a.email for a in session.query(Account) if not a.memberships} - {None}
    assert session.query(Membership).filter(Membership.pupil_id.is_not(None)).count() == 0
    for message in session.query(Message):
        assert (message.body, message.params) == ("", {})
        assert "@" not in message.recipient


def test_the_proof_lives_one_more_year(session, season):
    purge(session, now=PROOF_END - SECOND)
    assert session.query(RunPupil).count() == 6
    assert session.query(Wish).count() == 12
    assert purge(session, now=PROOF_END)["proofs"] == 1
    session.expire_all()
    for kind in (RunPupil, Assignment, Wish):
        assert session.query(kind).count() == 0
    run = session.query(Run).one()
    assert (run.instance, run.result) == (b"", None)
    assert run.figures
    assert session.query(Placement).count() == 5


def test_it_is_done_once(session, season):
    assert purge(session, now=PROOF_END) == {"pupils": 7, "proofs": 1}
    assert purge(session, now=PROOF_END) == {"pupils": 0, "proofs": 0}


def test_a_guardian_with_a_child_in_the_next_season_stays(session, season):
    other = f.added(
        session,
        Campaign(
            territory=season.territory,
            season=2027,
            offers_open_at=END,
            offers_close_at=END,
            first_monday=season.campaign.first_monday,
            last_monday=season.campaign.last_monday,
        ),
    )
    klass = f.school_class(session, other, season.rep_plus, [])
    f.pupil(session, klass, "Nour", guardian=season.guardian)
    session.commit()
    purge(session, now=END)
    assert session.query(Guardian).one().name == "Samira Bernard"
    assert names(session) == {"Élève", "Nour"}
    assert session.query(Account).filter_by(email="samira@example.org").count() == 1
