from datetime import UTC, datetime, timedelta

from models import JobClaim, SignInAttempt
from web.services.jobs import claim, purge, tick

NOON = datetime(2026, 10, 9, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_two_processes_claim_and_one_wins(sessions):
    with sessions.writing() as one, sessions.writing() as other:
        assert claim(one, "advance", NOON, now=NOON)
        assert not claim(other, "advance", NOON, now=NOON)
        assert claim(other, "advance", NOON + MINUTE, now=NOON + MINUTE)


def test_a_lost_claim_leaves_the_session_usable(session):
    claim(session, "advance", NOON, now=NOON)
    assert not claim(session, "advance", NOON, now=NOON)
    assert claim(session, "purge", NOON, now=NOON)


def test_a_tick_is_the_same_within_its_minute():
    assert tick(NOON + timedelta(seconds=59, microseconds=7), MINUTE) == NOON
    assert tick(NOON + MINUTE, MINUTE) == NOON + MINUTE
    assert tick(NOON, timedelta(days=1)) == datetime(2026, 10, 9, tzinfo=UTC)


def test_the_purge_forgets_after_a_month_only(session):
    for days in (29, 31):
        old = NOON - timedelta(days=days)
        claim(session, "advance", old, now=old)
        session.add(SignInAttempt(target_digest="t", address_digest="a", at=old))
    session.commit()
    purge(session, now=NOON)
    recent = NOON - timedelta(days=29)
    assert [c.planned_at for c in session.query(JobClaim)] == [recent]
    assert [a.at for a in session.query(SignInAttempt)] == [recent]
