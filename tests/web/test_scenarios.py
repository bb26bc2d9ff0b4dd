"""Scenarios, page by page: asked for, compared, verified, exported."""

from datetime import timedelta

import pytest

from matching import Instance, Result, policy_named, verify
from models import Run, RunState, runs_of_round
from tests import factories as f
from tests.services.seasons import Season
from web.services import runs
from web.services.freezing.scenario import Scenario

NEW = "/animation/calculs/nouveau"


def words(page):
    return " ".join(page.main.get_text(" ").split()).replace("\u00a0", " ").replace("\u202f", " ")


def work(sessions, moment=f.RUN_AT):
    while runs.work_once(sessions.writing, lambda _: moment) is not None:
        pass


@pytest.fixture
def season(session, sessions, clock):
    """In review; one REP+ pupil asks for what comes second and third: only priority serves her."""
    made = Season(session)
    for wish in reversed(made.pupils[3].wishes):
        wish.rank += 1
        session.flush()
    made.review(sessions)
    session.commit()
    clock.move_to(f.RUN_AT + timedelta(days=2))
    return made


def found_runs(session, season):
    session.expire_all()
    found = session.scalars(runs_of_round(season.round.id)).all()
    session.commit()
    return found


def test_a_scenario_is_asked_for_followed_compared_and_never_chosen(
    season, session, sessions, pages_as
):
    desk = pages_as(season.animator)
    page = desk.get("/animation/calculs")
    assert not page.select("input[type=checkbox]"), "nothing to compare with one run"
    desk.get(NEW)
    page = desk.submit(
        "Calculer ce scénario", policy="no_priority", reserve="0", scenario_name="Pour voir"
    )
    assert "Calcul 2, Pour voir" in words(page)
    assert "Autre règle : sans priorité. Aucune place réservée." in words(page)
    assert page.select_one("progress")
    assert "Aucun contrôle pour l’instant" in words(desk.get("/animation/calculs/2/verification"))
    desk.get("/animation/calculs/2/fichier.npz", 409)

    work(sessions)
    assert "simulation : elle ne se publie pas" in words(desk.get("/animation/calculs/2"))
    assert not desk.page.find("button", string="Retenir ce calcul")
    desk.get("/animation/calculs")
    page = desk.submit("Comparer les calculs cochés")
    assert page.h1.text == "Comparer deux calculs"
    text = words(page)
    assert "A Priorité, tirage, puis rangs" in text
    assert "B Pour voir (étalon)" in text
    assert (
        "Part des places attribuées qui vont aux collèges prioritaires (REP+ et REP) 80 %" in text
    )
    assert "4 places sur 5 avec A. B (sans priorité) : 60 %, soit 3 sur 5." in text
    assert page.select("svg circle.p-ink")
    assert "Étalon, non publiable" in text
    desk.post(f"/animation/calculs/{2}/retenir", 409)

    desk.get("/animation/calculs/comparer?calcul=1&calcul=2")
    desk.submit("Calculer cet étalon")
    assert found_runs(session, season)[0].state is RunState.QUEUED
    work(sessions)
    page = desk.get("/animation/calculs/comparer?calcul=1&calcul=3")
    assert "Entre A et B, la priorité donne une place à 1 élève REP+ de plus." in words(page)
    assert "Elle en retire à 1 élève hors REP." in words(page)
    assert "Le nombre d’élèves avec une place ne change pas." in words(page)
    assert "Places perdues à cause de la priorité 0" in words(page)

    page = desk.get(page.find("a", string="Collège Stendhal, Nantes")["href"])
    gains = [row for row in page.select("tbody tr") if "Sans solution" in row.text]
    assert len(gains) == 1
    assert "Nom" in gains[0].th.text


def test_a_published_rule_may_be_asked_for_from_the_form_too(season, session, sessions, pages_as):
    desk = pages_as(season.animator)
    desk.get(NEW)
    page = desk.submit("Calculer ce scénario")
    assert "Il pourra être publié" in words(page)
    work(sessions)
    desk.get("/animation/calculs/comparer?calcul=1&calcul=2")
    desk.submit("Choisir B")
    session.expire_all()
    assert season.round.selected_run_id == 2


def test_bad_numbers_are_said_at_their_fields_and_nothing_typed_is_lost(season, session, pages_as):
    desk = pages_as(season.animator)
    desk.get(NEW)
    page = desk.submit(
        "Calculer ce scénario",
        422,
        policy="luck",
        reserve="120",
        school_max="zéro",
        limit_km="0",
        scenario_name="x" * 61,
    )
    assert page.title.text.startswith("Erreur")
    for name in ("reserve", "school_max", "limit_km", "scenario_name"):
        assert page.select_one(f"#{name}-error"), name
        assert page.select_one(f"#{name}")["value"], name
    assert page.select_one("#policy-error")
    assert len(found_runs(session, season)) == 1


def test_the_number_of_runs_to_compare_is_said_beside_the_list(season, pages_as):
    desk = pages_as(season.animator)
    for asked in ("", "?calcul=1", "?calcul=x", "?calcul=1&calcul=" + "9" * 30):
        page = desk.get(f"/animation/calculs/comparer{asked}", 422)
        assert page.select_one("#refus").text == "Cochez de deux à quatre calculs terminés."
    desk.get("/animation/calculs/comparer?calcul=1&calcul=8000", 404)
    desk.get("/animation/calculs/comparer/colleges/1", 409)


def test_the_report_names_each_promise_and_the_file_proves_them(season, pages_as):
    desk = pages_as(season.animator)
    page = desk.get("/animation/relecture")
    report = page.find("a", string="Lire le rapport du vérificateur")["href"]
    text = words(desk.get(report))
    assert "7 promesses tenues sur 7" in text
    for number in range(1, 8):
        assert f"P{number} " in text
    assert "Le moins possible d’élèves REP+ sans solution. 0" in text
    assert "proches d’un QPV" not in text, "a tier that nobody has is not a criterion"
    assert "publiée avec les résultats" in text

    response = desk.get("/animation/calculs/1/fichier.npz")
    assert "calcul-1.npz" in response.headers["Content-Disposition"]
    instance, result = Instance.from_npz(response.data), Result.from_npz(response.data)
    verify(instance, policy_named(result.policy), result)


def test_a_failed_run_says_so_and_may_be_asked_for_again(season, session, pages_as):
    desk = pages_as(season.animator)
    run = runs.request_run(
        session, season.round.id, by=season.by, now=f.RUN_AT, scenario=Scenario(reserve=30)
    )
    run.state, run.failure = RunState.FAILED, "Les décisions ne peuvent pas être respectées."
    session.commit()
    page = desk.get(f"/animation/calculs/{run.id}")
    assert "Les décisions ne peuvent pas être respectées." in words(page)
    page = desk.get(page.select_one("a[href*='de=']")["href"])
    assert page.select_one("#reserve")["value"] == "30"


def test_a_run_that_time_stopped_is_told_apart(season, session, pages_as):
    run = session.get(Run, 1)
    run.proof = {**run.proof, "parts": [{"how": "bound", "pupils": 6, "choices": 2, "level": 1}]}
    session.commit()
    desk = pages_as(season.animator)
    for address in ("/animation/calculs/1", "/animation/calculs/1/verification"):
        assert "vérifiable, mais non recalculable" in words(desk.get(address))


def test_other_territories_and_other_roles_see_nothing(season, session, sessions, pages_as):
    runs.request_run(
        session,
        season.round.id,
        by=season.by,
        now=f.RUN_AT,
        scenario=Scenario(policy="no_priority"),
    )
    session.rollback()
    stranger = f.animator(session, f.territory(session, "35"))
    session.commit()
    addresses = (
        "/animation/calculs/1/verification",
        "/animation/calculs/1/fichier.npz",
        "/animation/calculs/comparer?calcul=1&calcul=2",
        "/animation/calculs/nouveau?de=1",
    )
    other, head = pages_as(stranger), pages_as(season.head)
    for address in addresses:
        other.get(address, 404)
        head.get(address, 403)
    other.post(f"/animation/tours/{season.round.id}/scenarios", 404, policy="priority")


def test_no_scenario_once_results_are_published(season, session, pages_as, clock):
    clock.move_to(f.PUBLISH_AT)
    desk = pages_as(season.animator)
    desk.get("/animation/publication")
    desk.post(f"/animation/tours/{season.round.id}/publier")
    page = desk.get("/animation/calculs")
    assert "Nouveau scénario" not in words(page)
    desk.get(NEW, 409)
    desk.post(f"/animation/tours/{season.round.id}/scenarios", 409, policy="priority")
    assert "publiée avec les résultats" not in words(desk.get("/animation/calculs/1/verification"))
