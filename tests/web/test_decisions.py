"""The animator decides in place of the computation, as she visits the pages."""

import pytest

from models import Run
from tests import factories as f
from tests.queries import counted
from tests.services.seasons import Season
from tests.web.test_animator import text
from web.services import runs


@pytest.fixture
def season(session, sessions, clock):
    made = Season(session).review(sessions)
    session.commit()
    clock.move_to(f.RUN_AT.replace(day=20))
    return made


def test_from_a_decision_to_the_run_that_obeys_it(season, session, sessions, pages_as):
    visit = pages_as(season.animator)
    page = visit.get("/animation/relecture?q=nom")
    boxes = [box["value"] for box in page.select("input[name=eleve]")]
    assert len(boxes) == 5, "no box where there is no place to keep"
    page = visit.submit("Garder les places cochées", eleve=boxes[:2])
    assert text(page.h1) == "Garder 2 places"

    page = visit.submit("Garder ces places", status=422)
    assert "Indiquez le motif" in text(page)
    page = visit.submit("Garder ces places", reason="Ces deux classes partent ensemble.")
    assert "2 décisions n’est" not in text(page)
    assert "2 décisions ne sont pas dans le calcul retenu" in text(page)
    assert "Ces deux classes partent ensemble." in text(page)

    visit.get(f"/animation/relecture/1/eleves/{boxes[0]}")
    other = visit.page.select("#place option")[-1]["value"]
    page = visit.submit("Enregistrer la décision", status=409, kind="hand", place=other, reason="x")
    assert "se contrediraient" in text(page)
    assert page.select_one("#reason").text.strip() == "x", "what was typed stays"
    page = visit.submit("Enregistrer la décision", status=422, kind="hand", place="0")
    assert "Choisissez la place à donner." in text(page)

    visit.get(f"/animation/relecture/1/eleves/{boxes[4]}")
    page = visit.get(f"/animation/relecture/1/eleves/{boxes[4]}?prix=1")
    assert "Prix" in text(page.select_one("#prix"))
    visit.submit("Enregistrer la décision", kind="ban", place="0", reason="Trajet impossible.")
    visit.get("/animation/relecture")
    page = visit.submit("Recalculer en gardant le reste")
    assert text(page.h1) == "Calcul 2, Garder les places déjà données"
    while runs.work_once(sessions.writing, lambda _: f.RUN_AT):
        pass
    page = visit.get("/animation/calculs/2")
    page = visit.get(page.select_one("main a[href$=changements]")["href"])
    assert "Par rapport au calcul 1" in text(page)
    visit.submit("Retenir ce calcul")

    visit.get("/animation/decisions")
    page = visit.submit("Lever")
    assert "Décision levée." in text(page)


def test_where_only_another_place_can_be_given_it_is_chosen_already(season, session, pages_as):
    visit = pages_as(season.animator)
    run = session.get(Run, season.round.selected_run_id)
    (left,) = [one.pupil_id for one in run.assignments if one.offer_week_id is None]
    session.rollback()
    visit.get(f"/animation/relecture/1/eleves/{left}")
    (only,) = visit.page.select("input[name=kind]")
    assert only.has_attr("checked")
    place = visit.page.select("#place option")[1]["value"]
    page = visit.submit("Enregistrer la décision", place=place, reason="Un métier pour elle.")
    assert "Décision enregistrée" in text(page)


def test_another_department_reads_and_decides_nothing(season, session, pages_as):
    stranger = f.animator(session, f.territory(session, "35"))
    session.commit()
    visit = pages_as(stranger)
    pupil = season.pupils[0].id
    for address in (
        f"/animation/relecture/1/eleves/{pupil}",
        f"/animation/relecture/1/garder?eleve={pupil}",
        "/animation/calculs/1/changements",
        "/animation/decisions",
    ):
        visit.get(address, status=404)
    visit.post("/animation/decisions/1/lever", status=404)
    visit.post(f"/animation/tours/{season.round.id}/recalcul", status=404)


def test_the_page_of_a_pupil_asks_few_queries(season, sessions, pages_as):
    visit = pages_as(season.animator)
    address = f"/animation/relecture/1/eleves/{season.pupils[0].id}"
    visit.get(address)
    with counted(sessions) as asked:
        visit.get(address)
    assert len(asked) <= 45


def test_a_long_list_of_places_is_searched(season, session, pages_as, monkeypatch):
    monkeypatch.setattr("web.forms.decisions.SHOWN", 1)
    visit = pages_as(season.animator)
    address = f"/animation/relecture/1/eleves/{season.pupils[0].id}"

    page = visit.get(address)
    assert "Menuiserie" in text(page.select_one("#place"))
    assert "Mairie" not in text(page.select_one("#place"))
    assert "1 place de plus" in text(page)
    page = visit.submit("Chercher", offre="boulangerie")
    assert "Aucune place possible pour cette recherche." in text(page)
    page = visit.submit("Chercher", offre="MAIRÍE")
    assert "1 place trouvée" in text(page)
    assert "Mairie" in text(page.select_one("#place"))
    other = page.select("#place option")[-1]["value"]
    page = visit.submit("Enregistrer la décision", status=422, kind="hand", place=other)
    assert page.select_one(f"#place option[value='{other}']").has_attr("selected")
    visit.submit("Enregistrer la décision", kind="hand", place=other, reason="Convenu avec eux.")
    assert "Décision enregistrée" in text(visit.page)


def test_a_pupil_is_found_without_accents_page_by_page(season, pages_as, monkeypatch):
    monkeypatch.setattr("web.services.review.SHOWN", 2)
    visit = pages_as(season.animator)
    page = visit.get("/animation/relecture?q=ELEVE nom")
    caption = text(page.find(id="chercher").find_next("caption", string=lambda t: True) or page)
    assert "6 élèves trouvés, page 1 sur 3" in caption
    assert len(page.select("input[name=eleve]")) == 1, "first the pupil without a place"
    page = visit.get(page.find("a", string="Suivante")["href"])
    assert "page 2 sur 3" in text(page)
    assert len(page.select("input[name=eleve]")) == 2
