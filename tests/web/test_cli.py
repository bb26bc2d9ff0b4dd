import re

import pytest

from matching.__main__ import main as matching
from models import Account, Base, Invitation, Role, School
from tests import factories as make
from tests.services.seasons import Season
from web.adapters.schools import ALL


@pytest.fixture
def flask(app, clock):
    return app.test_cli_runner()


def test_the_directory_of_schools_goes_in_once(flask, session):
    first = flask.invoke(args=["import-schools"])
    assert first.exit_code == 0
    assert "ajoutés : 152" in first.output
    again = flask.invoke(args=["import-schools"])
    assert "ajoutés : 0 ; mis à jour : 0 ; inchangés : 152" in again.output
    assert session.query(School).count() == 152


def test_a_bad_line_is_told_and_the_command_fails(flask, session, tmp_path):
    bad = tmp_path / "colleges.csv"
    lines = ALL.read_text(encoding="utf-8").splitlines()
    bad.write_text("\n".join([*lines[:3], lines[3].replace("0440147W", "0440147X")]))
    result = flask.invoke(args=["import-schools", "--file", str(bad)])
    assert result.exit_code == 1
    assert "0440147X" in result.output
    assert session.query(School).count() == 2


@pytest.mark.parametrize(
    "command",
    [
        ["verify-run", "1"],
        ["export-run", "1", "-o", "run.npz"],
        ["purge"],
        ["import-schools"],
        ["forget-phone", "maud@example.org"],
    ],
    ids=" ".join,
)
def test_a_database_without_tables_is_one_line_and_the_way_out(command, flask, sessions):
    Base.metadata.drop_all(sessions.engine)
    result = flask.invoke(args=command)
    assert result.exit_code == 1
    assert len(result.output.splitlines()) == 1
    assert "upgrade-schema" in result.output
    assert "var/demo.sqlite" in result.output


def test_the_first_animator_gets_a_link(flask, session):
    make.territory(session)
    session.commit()
    args = ["create-account", "Animation@Example.org", "--name", "Maud Perrin", "--network", "face"]
    result = flask.invoke(args=args)
    assert re.search(r"/compte/lien/\S{20,}", result.output)
    account = session.query(Account).one()
    assert (account.email, account.name) == ("animation@example.org", "Maud Perrin")
    assert account.memberships[0].role is Role.ANIMATOR
    assert session.query(Invitation).count() == 1


def test_the_same_role_is_not_given_twice(flask, session):
    make.territory(session)
    session.commit()
    args = ["create-account", "animation@example.org", "--name", "Maud Perrin"]
    assert flask.invoke(args=args).exit_code == 0
    again = flask.invoke(args=args)
    assert again.exit_code == 1
    assert "déjà ce rôle" in again.output


def test_a_phone_is_forgotten_only_where_there_is_one(flask, session):
    make.animator(session, make.territory(session), email="a@example.org")
    session.commit()
    for email, said in (("x@example.org", "Aucun compte"), ("a@example.org", "Aucun téléphone")):
        result = flask.invoke(args=["forget-phone", email])
        assert (result.exit_code, said in result.output) == (1, True)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--departement", "99"], "n’est pas ouvert"),
        (["--role", "school", "--uai", "0440284V"], "Aucun collège"),
    ],
)
def test_a_role_needs_its_place(flask, options, sentence):
    args = ["create-account", "a@example.org", "--name", "A", *options]
    result = flask.invoke(args=args)
    assert result.exit_code == 1
    assert sentence in result.output


def test_a_head_joins_her_school_by_its_uai(flask, session):
    flask.invoke(args=["import-schools"])
    args = ["create-account", "d@example.org", "--name", "D", "--role", "school"]
    assert flask.invoke(args=[*args, "--uai", "0440284v"]).exit_code == 0
    (membership,) = session.query(Account).one().memberships
    assert membership.school.name == "Collège Stendhal"


def test_an_unknown_run_is_said_so(flask):
    result = flask.invoke(args=["verify-run", "99"])
    assert result.exit_code == 1
    assert "n’existe pas" in result.output


def test_a_run_leaves_as_a_file_and_is_verified_by_name(flask, session, sessions, tmp_path, capsys):
    season = Season(session).review(sessions)
    number, path = season.round.selected_run_id, tmp_path / "run.npz"
    session.rollback()
    made = flask.invoke(args=["export-run", str(number), "-o", str(path)])
    assert "sans aucun nom" in made.output
    assert matching(["verify", str(path)]) == 0
    assert '"P5"' in capsys.readouterr().out

    checked = flask.invoke(args=["verify-run", str(number)])
    assert checked.exit_code == 0
    assert re.findall(r"^P\d", checked.output, re.M) == [f"P{n}" for n in range(1, 8)]

    for args, sentence in (
        (["export-run", "99", "-o", str(path)], "n’existe pas"),
        (["export-run", str(number), "-o", str(tmp_path / "no" / "run.npz")], "No such file"),
    ):
        refused = flask.invoke(args=args)
        assert refused.exit_code == 1
        assert sentence in refused.output


def test_the_schema_comes_up_to_date_from_nothing(tmp_path):
    from config import Settings
    from web.app import create_app

    made = create_app(Settings(database_url=f"sqlite:///{tmp_path / 'new.sqlite'}"))
    result = made.test_cli_runner().invoke(args=["upgrade-schema"])
    assert "à jour" in result.output
    assert made.test_cli_runner().invoke(args=["import-schools"]).exit_code == 0
    made.extensions["db"].engine.dispose()


def test_a_campaign_of_usual_dates_is_created_once(flask, session):
    where = make.territory(session)
    make.school(session, where)
    session.commit()
    args = ["create-campaign", "--departement", "44", "--season", "2027"]
    made = flask.invoke(args=args)
    assert made.exit_code == 0
    assert "Campagne 2027" in made.output
    assert "la publication : " in made.output
    again = flask.invoke(args=args)
    assert again.exit_code == 1
    assert "n’est pas terminée" in again.output


def test_the_purge_tells_what_it_erased(flask):
    assert "Élèves rendus anonymes : 0 ; preuves : 0." in flask.invoke(args=["purge"]).output
