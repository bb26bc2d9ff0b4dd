"""The promises, checked again from what is stored."""

import pytest

from matching import Result, VerificationError
from models import Run
from tests.services.seasons import Season
from web.services import verification


@pytest.fixture
def run(session, sessions):
    season = Season(session).review(sessions)
    session.expire_all()
    return session.get(Run, season.round.selected_run_id)


def test_seven_promises_are_stored_with_a_run(run):
    checks = verification.checks_of(run)

    assert [check.code for check in checks] == ["P1", "P2", "P3", "P4", "P5", "P6", "P7"]
    assert all(check.held for check in checks)
    assert all(check.sentence and check.how for check in checks)


def test_a_stored_run_is_checked_again_from_its_bytes(session, run):
    again = verification.verify_run(session, run.id)
    assert [check.held for check in again] == [True] * 7


def test_a_result_tampered_with_is_found(session, run):
    stored = Result.from_npz(run.result)
    choice = stored.choice.copy()
    unplaced = int((choice < 0).argmax())
    choice[0], choice[unplaced] = choice[unplaced], choice[0]
    run.result = stored.with_choice(choice, stored.objective).to_npz()
    session.commit()

    with pytest.raises(VerificationError):
        verification.verify_run(session, run.id)


def test_an_instance_swapped_for_another_is_found(session, run):
    run.instance_sha256 = "0" * 64
    session.commit()

    with pytest.raises(VerificationError, match="P6"):
        verification.verify_run(session, run.id)


def test_a_run_without_result_cannot_be_verified(session, run):
    run.result = None
    session.commit()

    with pytest.raises(VerificationError, match="no result"):
        verification.verify_run(session, run.id)


def test_a_simulation_says_that_nothing_was_closed():
    assert verification.closing_check(None).held is None
    assert verification.closing_check(False).held is False
