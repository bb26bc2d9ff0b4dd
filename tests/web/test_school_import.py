"""A head brings in the list of her pupils, page by page; an operator by a command."""

import io
import json

import pytest

from models import Pupil, PupilImport
from tests import factories as make
from tests.services import lists

UAI = "0440284V"
PASTED = "Nom\tPrénom\tNé(e) le\tClasse\nLe Gall\tMaël\t14/02/2012\t3A\n"


@pytest.fixture
def school(session):
    where = make.territory(session)
    season = make.campaign(session, where)
    made = make.school(session, where)
    made.uai = UAI
    make.school_class(session, season, made, make.weeks_of(session, season))
    session.commit()
    return made


@pytest.fixture
def head(session, school, pages_as):
    member = make.head(session, school)
    session.commit()
    return pages_as(member)


@pytest.fixture
def other_head(session, school, pages_as):
    member = make.head(session, make.school(session, school.territory, name="Collège Debussy"))
    session.commit()
    return pages_as(member)


def upload(head, data, name="liste.csv", status=200):
    return head.post("/college/import", status, data={"file": (io.BytesIO(data), name)})


def address(session):
    """Where the list just sent is looked at."""
    found = session.query(PupilImport.id).scalar()
    session.rollback()  # a page could not write while we hold the database
    return f"/college/import/{found}"


def count(session, table=Pupil):
    found = session.query(table).count()
    session.rollback()
    return found


def test_from_the_menu_to_the_report(head, session):
    page = head.get("/college/")
    assert page.select_one('nav a[href="/college/import"]').text == "Import"
    head.get("/college/import")
    page = upload(head, lists.siecle(), "ElevesSansAdresses.xml")
    assert "Rien n’est encore écrit" in page.text
    assert count(session) == 0
    page = head.submit("Importer 3\u00a0élèves")
    assert page.h1.text == "Élèves importés"
    assert "3e B, 3e SEGPA" in page.text
    assert count(session) == 3
    page = head.get("/college/eleves")
    assert "Maëlle Le Gallo" in page.text


def test_the_report_still_tells_what_was_left_out_of_the_lines_written(head, session):
    rows = "Nom\tPrénom\tNé(e) le\tClasse\tMail responsable\nLe Gall\tMaël\t14/02/2012\t3A\tpas une"
    page = head.post("/college/import", pasted=rows)
    page = head.submit("Importer 1")
    assert page.h1.text == "Élèves importés"
    assert "« pas une » n’est pas valable" in page.main.text.replace("\u00a0", " ")


def test_refused_lines_are_corrected_in_the_page(head, session):
    page = upload(head, lists.PRONOTE.encode("utf-8-sig"))
    assert page.select_one('a[href="#ligne-5"]').text.startswith("Ligne 5")
    assert "n’existe pas" in page.text
    assert "« Régime » et « Projet d" in page.text.replace("\u00a0", " ")
    page = head.submit("Revérifier", **{"fix-5-birth_date": "30/02/2012", "fix-6-class": "3B"})
    assert page.select_one('[name="fix-5-birth_date"]')["value"] == "30/02/2012"
    page = head.submit("Revérifier", **{"fix-5-birth_date": "29/02/2012"})
    assert not page.select(".t-note--bad")
    head.submit("Importer 3")
    assert count(session) == 3


def test_importing_with_a_fresh_correction_shows_it_first(head, session):
    upload(head, lists.PRONOTE.encode("utf-8-sig"))
    page = head.submit("Importer 1", **{"fix-6-class": "3B"})
    assert "Vérifiez, puis importez" in page.text
    assert count(session) == 0
    head.submit("Importer 2")
    assert count(session) == 2


def test_columns_unknown_to_us_are_named_by_the_head(head, session):
    page = head.post("/college/import", pasted="Nom\tPrénom\tJour\tClasse\nRoy\tTom\t1/2/12\t3A\n")
    assert "Il manque : Date de naissance" in page.text.replace("\u00a0", " ")
    assert not [b for b in page.select("button") if b.text.startswith("Importer")]
    head.submit("Revérifier", **{"column-2": "birth_date"})
    head.submit("Importer 1")
    assert session.query(Pupil).one().birth_date.isoformat() == "2012-02-01"


def test_two_columns_of_one_kind_are_refused_and_stay_as_typed(head):
    head.post("/college/import", pasted=PASTED)
    page = head.submit("Revérifier", 409, **{"column-1": "last_name"})
    assert "Deux colonnes ne peuvent pas être" in page.text
    chosen = page.select_one("#colonne-1 option[selected]")
    assert chosen["value"] == "last_name"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "vide"),
        (b" \r\n ", "vide"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"\xd0\xcf\x11\xe0" * 9, "ancien classeur"),
        (b"<html><table></table>", "page web"),
        (lists.zipped(a__xml=b"0" * (70 << 20)), "beaucoup trop grande"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><BEE_ELEVES>&b;</BEE_ELEVES>', "entités"),
    ],
)
def test_wrong_files_are_refused_in_words_beside_the_field(head, session, data, words):
    page = upload(head, data, status=422)
    assert words in page.select_one("#file-error").text
    assert page.title.text.startswith("Erreur")
    assert count(session, PupilImport) == 0


def test_a_file_beyond_the_limit_is_refused_in_words(app, head, monkeypatch):
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 2000)
    page = upload(head, b"x" * 3000, status=413)
    assert "trop lourd" in page.text


def test_a_file_and_a_table_at_once_are_refused(head):
    data = {"file": (io.BytesIO(lists.siecle()), "a.xml"), "pasted": PASTED}
    page = head.post("/college/import", 422, data=data)
    assert "pas les deux" in page.text
    assert "Le Gall" in page.select_one("textarea").text


def test_a_second_click_and_a_late_page_write_nothing_more(head, session):
    page = head.post("/college/import", pasted=PASTED)
    plan = page.select_one('[name="plan"]')["value"]
    here = address(session)
    for _ in range(2):
        page = head.post(here, plan=plan, action="importer")
        assert page.h1.text == "Élèves importés"
    assert count(session) == 1
    page = head.get(f"{here}/lignes")
    assert page.h1.text == "Élèves importés"


def test_another_school_finds_nothing_at_this_address(head, other_head, session):
    head.post("/college/import", pasted=PASTED)
    here = address(session)
    other_head.get(here, 404)
    other_head.get(f"{here}/lignes", 404)
    other_head.post(here, 404, action="importer", plan="")
    other_head.post(f"{here}/abandonner", 404)
    assert count(session, PupilImport) == 1


def test_every_line_is_readable_page_by_page(head, session):
    lines = "".join(
        f"Nom{'abcdefghij'[n % 10]}{'k' * (n // 10)}\tZoé\t1/3/2012\t3A\n" for n in range(101)
    )
    head.post("/college/import", pasted=PASTED + lines)
    here = f"{address(session)}/lignes"
    assert len(head.get(here).select("tbody tr")) == 100
    assert len(head.get(f"{here}?page=2").select("tbody tr")) == 2


def test_giving_up_erases_the_list(head, session):
    head.post("/college/import", pasted=PASTED)
    page = head.submit("Abandonner")
    assert "rien n’a été importé" in page.text
    assert count(session, PupilImport) == 0


def test_without_a_campaign_the_page_says_to_wait(session, pages_as):
    member = make.head(session, make.school(session, make.territory(session)))
    session.commit()
    head = pages_as(member)
    assert "pour l’instant" in head.get("/college/import").text
    head.post("/college/import", 422, pasted=PASTED)


def run(app, *args):
    return app.test_cli_runner().invoke(args=["import-pupils", *args])


def test_the_command_reports_every_line_and_writes_only_when_told(
    app, clock, school, session, tmp_path
):
    path = tmp_path / "eleves.xml"
    path.write_bytes(lists.siecle())
    told = json.loads(run(app, str(path), "--school", UAI).output)
    assert [line["outcome"] for line in told["lines"]] == [
        "created",
        "created",
        "ignored",
        "ignored",
        "created",
    ]
    assert told["lines"][2]["reason"] == "N’est pas en troisième."
    assert (told["written"], count(session)) == (False, 0)
    told = json.loads(run(app, str(path), "--school", UAI, "--write").output)
    assert (told["written"], count(session)) == (True, 3)
    again = json.loads(run(app, str(path), "--school", UAI, "--write").output)
    assert again["counts"]["unchanged"] == 3


def test_the_command_refuses_in_words(app, clock, school, tmp_path):
    path = tmp_path / "eleves.csv"
    path.write_text("Nom;Prénom;Classe\nRoy;Tom;3A\n")
    missing = run(app, str(path), "--school", UAI)
    assert missing.exit_code == 1
    assert "Date de naissance" in missing.output
    unknown = run(app, str(path), "--school", "0449999X")
    assert "Aucun collège" in unknown.output
