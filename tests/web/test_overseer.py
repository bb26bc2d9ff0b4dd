"""Prefecture and rectorat read figures; everybody reads the open data: never a small count."""

import csv
import io
from zipfile import ZipFile

import pytest
from sqlalchemy import event

from models import Label, Role, RoundState
from tests import factories as f
from tests.services.seasons import Season
from tests.web.test_host import words
from web.services.publication import publish


@pytest.fixture
def season(session, sessions, clock):
    made = Season(session)
    made.wood.title = "=1+1"
    made.review(sessions)
    made.overseer = f.member(
        session, Role.OVERSEER, email="pref@example.org", territory_id=made.territory.id
    )
    session.commit()
    clock.move_to(f.PUBLISH_AT)
    return made


def published(session, season):
    publish(session, season.round.id, by=season.by, now=f.PUBLISH_AT)


def rows_of(answer):
    return list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))


def test_before_publication_there_is_nothing_to_read(season, pages, pages_as):
    visit = pages_as(season.overseer)
    assert "Aucun résultat publié" in words(visit.get("/compte/"))
    assert visit.response.request.path == "/territoire"
    visit.get(f"/territoire/{f.SEASON}/chiffres.csv", 404)
    assert "Aucune donnée" in words(pages.get("/donnees-ouvertes"))
    pages.get(f"/donnees-ouvertes/44/{f.SEASON}/resultats.csv", 404)
    pages.get(f"/donnees-ouvertes/44/{f.SEASON}/offres.csv", 404)


def test_after_publication_small_groups_stay_hidden(session, season, pages, pages_as, app):
    published(session, season)
    visit = pages_as(season.overseer)
    counted = []
    event.listen(app.extensions["db"].engine, "after_cursor_execute", lambda *a: counted.append(a))
    page = visit.get("/territoire")
    assert len(counted) < 30
    text = words(page)
    assert "moins de 5" in text
    assert page.select_one(".t-nav a[aria-current=page]").text == "Chiffres"
    for pupil in season.pupils:
        assert pupil.last_name not in page.text
    rows = rows_of(visit.get(f"/territoire/{f.SEASON}/chiffres.csv"))
    assert {row["niveau"] for row in rows} == {
        "ensemble", "label", "college", "semaine", "secteur", "type_de_structure"
    }  # fmt: skip
    assert rows_of(pages.get(f"/donnees-ouvertes/44/{f.SEASON}/resultats.csv")) == rows
    assert all(value not in {"1", "2", "3", "4"} for row in rows for value in row.values())
    with ZipFile(io.BytesIO(visit.get(f"/territoire/{f.SEASON}/chiffres.ods").data)) as book:
        assert "moins de 5" in book.read("content.xml").decode()


def test_the_page_of_the_rule_tells_what_it_gave_as_the_open_data_do(
    session, season, pages, monkeypatch
):
    assert "viennent avec ses résultats" in words(pages.get("/regles"))
    published(session, season)
    session.commit()
    page = pages.get("/regles")
    table = page.find("caption", string=lambda t: t and "Résultats 2026" in t).find_parent("table")
    told = {
        " ".join(row.th.text.split()): [" ".join(cell.text.split()) for cell in row.select("td")]
        for row in table.select("tbody tr, tfoot tr")
    }
    rows = rows_of(pages.get(f"/donnees-ouvertes/44/{f.SEASON}/resultats.csv"))
    columns = ("eleves", "ont_une_place", "voeu_1", "voeux_2_et_3", "voeux_4_et_plus")
    columns = (*columns, "autre_place", "sans_solution")
    assert told == {
        row["nom"]: [row[column] for column in columns]
        for row in rows
        if row["niveau"] in ("ensemble", "label")
    }
    assert "moins de 5" in str(told)
    monkeypatch.setattr("web.services.overview.SCHOOLS_TOLD", 1)
    page = pages.get("/regles")
    assert not page.find("caption", string=lambda t: t and "Résultats 2026" in t)
    assert page.find("a", href="/donnees-ouvertes", string="Tous les chiffres, collège par collège")


def test_the_open_offers_name_no_host(session, season, pages):
    published(session, season)
    page = pages.get("/donnees-ouvertes")
    assert "Licence Ouverte" in page.main.text
    for link in page.select('a[href$=".csv"]'):
        answer = pages.get(link["href"])
        titles = answer.data.decode("utf-8-sig").splitlines()[0].split(";")
        described = {code.text for code in page.select("th code")}
        assert set(titles) <= described, "each column is explained"
    offers = rows_of(pages.get(f"/donnees-ouvertes/44/{f.SEASON}/offres.csv"))
    assert sum(int(row["places"]) for row in offers) == 5
    assert not {"Le Goff", "=1+1", "@"} & {part for row in offers for part in row.values()}


def test_an_overseer_reads_her_territory_only(session, season, pages_as):
    published(session, season)
    elsewhere = f.territory(session, "85")
    other = f.member(session, Role.OVERSEER, email="85@example.org", territory_id=elsewhere.id)
    session.commit()
    visit = pages_as(other)
    assert "Aucune campagne" in words(visit.get("/territoire"))
    visit.get(f"/territoire/{f.SEASON}/chiffres.csv", 404)
    visit.get(f"/territoire/engagements/{f.SEASON}/bilan.pdf", 404)
    visit.get("/animation/engagements", 403)
    mine = pages_as(season.overseer)
    mine.get("/territoire/engagements")
    paper = mine.get(f"/territoire/engagements/{f.SEASON}/bilan.pdf")
    assert paper.mimetype == "application/pdf"


def test_a_second_round_under_way_keeps_the_published_figures(session, season, pages_as):
    published(session, season)
    season.round.state = RoundState.ANSWERS_CLOSED
    session.commit()
    assert "Résultats du tour 1" in words(pages_as(season.overseer).get("/territoire"))
    assert Label.REP_PLUS.label in words(pages_as(season.overseer).get("/territoire"))
