from dataclasses import replace
from datetime import UTC, datetime

import pytest

from models import Label, School, SchoolLabel, Territory
from web.adapters.schools import LOIRE_ATLANTIQUE, schools_of_loire_atlantique
from web.services.directory import import_schools, uai_is_valid

NOW = datetime(2026, 9, 1, tzinfo=UTC)
PRIORITY = {
    "0440284V": Label.REP_PLUS,
    "0440286X": Label.REP_PLUS,
    "0440536U": Label.REP_PLUS,
    "0441613P": Label.REP_PLUS,
    "0440311Z": Label.REP,
    "0441608J": Label.REP,
    "0440348P": Label.REP,
    "0441727N": Label.REP,
    "0441616T": Label.REP,
    "0440013A": Label.REP,
}


@pytest.fixture(scope="module")
def rows():
    return list(schools_of_loire_atlantique())


@pytest.mark.parametrize(
    ("uai", "valid"),
    [
        ("0440284V", True),
        ("0440284W", False),
        ("0440284v", False),
        ("440284V", False),
        ("044028AV", False),
        ("", False),
        ("0440284VV", False),
    ],
)
def test_the_letter_of_a_uai_follows_from_its_number(uai, valid):
    assert uai_is_valid(uai) is valid


def test_every_college_of_loire_atlantique_goes_in(session, rows):
    done = import_schools(session, LOIRE_ATLANTIQUE, rows, now=NOW)
    assert (done.added, done.refused) == (152, [])
    assert session.query(Territory).one().holiday_zone == "B"


def test_the_ten_priority_colleges_carry_their_label_of_2026(session, rows):
    import_schools(session, LOIRE_ATLANTIQUE, rows, now=NOW)
    labels = {school.uai: school.label_in(2026) for school in session.query(School)}
    assert {u: label for u, label in labels.items() if label is not Label.NONE} == PRIORITY


def test_a_priority_college_stands_where_it_is_and_not_at_the_town_hall(session, rows):
    import_schools(session, LOIRE_ATLANTIQUE, rows, now=NOW)
    stendhal = session.query(School).filter_by(uai="0440284V").one()
    assert (stendhal.lat, stendhal.lon) == (47.261318, -1.5699697)
    assert stendhal.limit_km == 10


def test_importing_again_changes_nothing_and_keeps_what_the_head_chose(session, rows):
    import_schools(session, LOIRE_ATLANTIQUE, rows, now=NOW)
    session.query(School).filter_by(uai="0440284V").one().limit_km = 7
    done = import_schools(session, LOIRE_ATLANTIQUE, rows, now=NOW)
    assert (done.added, done.changed, done.same) == (0, 0, 152)
    assert session.query(School).filter_by(uai="0440284V").one().limit_km == 7
    assert session.query(SchoolLabel).count() == 40


def test_a_school_that_changed_is_brought_up_to_date(session, rows):
    import_schools(session, LOIRE_ATLANTIQUE, rows, now=NOW)
    renamed = replace(rows[0], name="Collège Simone de Beauvoir", labels={2026: Label.REP})
    done = import_schools(session, LOIRE_ATLANTIQUE, [renamed], now=NOW)
    assert done.changed == 1
    school = session.query(School).filter_by(uai=rows[0].uai).one()
    assert school.name == "Collège Simone de Beauvoir"
    assert school.label_in(2026) is Label.REP


def test_bad_rows_are_reported_and_the_others_go_in(session, rows):
    wrong = replace(rows[0], uai="0440284W", name="Collège Faux")
    nowhere = replace(rows[1], lat=None, lon=None)
    done = import_schools(session, LOIRE_ATLANTIQUE, [wrong, nowhere, rows[2]], now=NOW)
    assert done.added == 1
    assert "Collège Faux" in done.refused[0]
    assert "commune inconnue" in done.refused[1]
