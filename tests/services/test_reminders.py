from datetime import timedelta

import pytest

from models import Message, MessageKind, Round, RoundState
from tests import factories as make
from web.services.reminders import remind_of_wishes

SECOND = timedelta(seconds=1)
J_7 = make.WISHES_CLOSE - timedelta(days=7)
J_2 = make.WISHES_CLOSE - timedelta(days=2)


@pytest.fixture
def family(session):
    """A school with its head and a pupil whose mother has a mail address."""
    where = make.territory(session)
    campaign = make.campaign(session, where)
    school = make.school(session, where)
    make.head(session, school, email="direction@example.org")
    klass = make.school_class(session, campaign, school, make.weeks_of(session, campaign))
    pupil = make.pupil(session, klass, guardian=make.guardian(session))
    session.commit()
    return pupil


def told(session):
    return sorted(m.recipient for m in session.query(Message))


@pytest.mark.parametrize(
    ("moment", "new"),
    [
        (J_7 - SECOND, 0),
        (J_7, 2),
        (J_7 + timedelta(days=3), 2),
        (J_2 - SECOND, 2),
        (make.WISHES_CLOSE - SECOND, 2),
        (make.WISHES_CLOSE, 0),
    ],
)
def test_the_family_and_the_school_are_reminded_at_their_hour(session, family, moment, new):
    assert remind_of_wishes(session, now=moment) == new


def test_each_reminder_goes_once(session, family):
    for moment in (J_7, J_7 + SECOND, J_2, J_2 + SECOND):
        remind_of_wishes(session, now=moment)
    assert told(session) == sorted(["samira@example.org", "direction@example.org"] * 2)


def test_two_missed_reminders_are_caught_up_as_one(session, family):
    remind_of_wishes(session, now=J_2 + SECOND)
    assert {m.params["days"] for m in session.query(Message)} == {2}


def test_a_confirmed_list_is_left_in_peace(session, family):
    family.wishes_confirmed_at = J_7 - SECOND
    session.commit()
    assert remind_of_wishes(session, now=J_7) == 0


def test_a_family_is_told_once_for_two_children(session, family):
    twin = make.pupil(session, family.school_class, "Nour")
    twin.guardians.append(family.guardians[0])
    session.commit()
    remind_of_wishes(session, now=J_7)
    letter = session.query(Message).filter_by(recipient="samira@example.org").one()
    assert letter.kind is MessageKind.WISHES_REMINDER
    assert letter.params["children"] == ["Lina", "Nour"]


def test_a_guardian_without_mail_is_reached_by_the_school(session, family):
    family.guardians[0].email = None
    session.commit()
    remind_of_wishes(session, now=J_7)
    assert told(session) == ["direction@example.org"]
    assert session.query(Message).one().params["count"] == 1


def test_a_round_that_opened_late_skips_the_first_reminder(session, family):
    opened = the_round(session)
    opened.wishes_open_at = J_7 + SECOND
    session.commit()
    assert remind_of_wishes(session, now=J_7 + 2 * SECOND) == 0


def test_closed_wishes_are_not_recalled(session, family):
    the_round(session).state = RoundState.WISHES_CLOSED
    session.commit()
    assert remind_of_wishes(session, now=J_2) == 0


def the_round(session):
    return session.query(Round).one()
