"""The review by schools, page by page: a head asks, an animator answers, the head reads it."""

from datetime import timedelta

import pytest

from models import Assignment, Objection, ObjectionState, Role, Source, TaughtClass
from tests import factories as f
from tests.services.seasons import Season
from web.services import runs

SECOND = timedelta(seconds=1)


def words(page):
    return " ".join(page.main.get_text(" ").split()).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def season(session, sessions, clock):
    made = Season(session).review(sessions)
    session.commit()
    clock.move_to(f.RUN_AT + timedelta(days=2))
    return made


@pytest.fixture
def first(season):
    return f"/college/relecture/eleves/{season.pupils[0].id}"


def objections(session):
    found = session.query(Objection.id, Objection.state).all()
    session.commit()
    return found


def test_a_request_is_sent_read_and_taken_back(season, session, pages_as, first):
    visitor = pages_as(season.head)
    visitor.get("/college/relecture")
    page = visitor.get(first)
    assert "Proposition pour Élève0 Nom0" in words(page)
    page = visitor.submit("Envoyer la demande", kind="impossible_trip")
    assert "Demande envoyée" in words(page)
    assert "Trajet impossible" in words(page)
    page = visitor.submit("Retirer cette demande")
    assert "Demande retirée" in words(page)
    assert [one.state for one in objections(session)] == [ObjectionState.WITHDRAWN]


def test_a_main_teacher_reads_the_proposals_of_her_classes(season, session, pages_as, first):
    teacher = f.member(session, Role.TEACHER, school=season.rep_plus, name="Ada Roux")
    link = TaughtClass(membership_id=teacher.id, school_class_id=season.pupils[0].school_class_id)
    session.add(link)
    session.commit()
    visitor = pages_as(teacher)
    page = visitor.get("/college/relecture")
    assert "4 élèves de vos classes" in words(page)
    assert "Demande" not in [th.text.strip() for th in page.select("[role=columnheader]")]
    visitor.get(first, 403)
    session.delete(link)
    session.commit()
    assert "Élève0" not in words(visitor.get("/college/relecture"))


def test_a_forgotten_reason_is_said_at_its_field(season, session, pages_as, first):
    visitor = pages_as(season.head)
    visitor.get(first)
    page = visitor.submit("Envoyer la demande", status=422)
    assert page.title.text.startswith("Erreur")
    assert "Choisissez une raison" in words(page)
    page = visitor.submit("Envoyer la demande", status=422, kind="apart")
    assert "l’autre élève" in page.select_one("#other_id-error").text
    assert page.select_one("input[value=apart]").has_attr("checked")
    assert objections(session) == []


def test_two_clicks_ask_once_and_two_tabs_are_told(season, session, pages_as, first):
    visitor, tab = pages_as(season.head), pages_as(season.head)
    for one in (visitor, tab):
        one.get(first)
    place = visitor.page.select_one("#offer_week_id")["value"]
    visitor.submit("Envoyer la demande", kind="left_school")
    visitor.post(first, data={"kind": "left_school", "offer_week_id": place})
    page = tab.submit("Envoyer la demande", status=409, kind="impossible_trip")
    assert "Départ du collège" in words(page)
    assert "existe déjà" in page.select_one("#kind-error").text
    assert len(objections(session)) == 1


def test_the_delay_ends_to_the_second_on_the_pages(season, session, pages_as, clock, first):
    visitor = pages_as(season.head)
    clock.move_to(f.REVIEW_UNTIL - SECOND)
    visitor.get(first)
    clock.move_to(f.REVIEW_UNTIL)
    page = visitor.submit("Envoyer la demande", status=409, kind="impossible_trip")
    assert "a pris fin" in words(page)
    assert not visitor.get(first).main.select("form")
    assert objections(session) == []


def test_only_her_own_school(season, session, pages_as, first):
    head = f.head(session, season.other)
    session.commit()
    visitor = pages_as(season.head)
    visitor.get(first)
    visitor.submit("Envoyer la demande", kind="impossible_trip")
    one = objections(session)[0].id

    stranger = pages_as(head)
    stranger.get(first, 404)
    stranger.post(first, 404, kind="impossible_trip")
    stranger.post(f"/college/relecture/demandes/{one}/retirer", 404)
    assert "Élève0" not in words(stranger.get("/college/relecture"))
    page = visitor.get(f"/college/relecture/eleves/{season.pupils[1].id}")
    assert str(season.pupils[4].id) not in [o["value"] for o in page.select("#other_id option")]
    elsewhere = f.animator(session, f.territory(session, "35"))
    session.commit()
    pages_as(elsewhere).get(f"/animation/relecture/demandes/{one}", 404)
    pages_as(elsewhere).post(f"/animation/relecture/demandes/{one}/accepter", 404)
    pages_as(elsewhere).post(f"/animation/relecture/demandes/{one}/refuser", 404, answer="Non.")
    pages_as(season.head).get("/animation/relecture/demandes", 403)


def test_an_animator_accepts_recomputes_and_the_head_reads_it(
    season, session, sessions, pages_as, first
):
    head, desk = pages_as(season.head), pages_as(season.animator)
    head.get(first)
    head.submit("Envoyer la demande", kind="incompatible_placement")

    assert "1 demande de collège attend" in words(desk.get("/animation/"))
    assert "1 demande de collège attend" in words(desk.get("/animation/relecture"))
    page = desk.get("/animation/relecture/demandes")
    desk.get(page.select_one("main table a")["href"])
    page = desk.submit("Interdire cette place")
    assert "1 décision n’est pas dans le calcul retenu" in words(page)
    assert "Acceptée" in words(head.get("/college/relecture"))

    desk.submit("Recalculer en gardant le reste")
    runs.work_once(sessions.writing, lambda _: f.RUN_AT + timedelta(days=2))
    page = desk.get("/animation/relecture/demandes")
    desk.get(page.select_one("main .btn-primary")["href"])
    desk.submit("Retenir ce calcul")
    page = desk.get("/animation/relecture/demandes")
    assert "n’est pas dans le calcul retenu" not in words(page)
    head.get(first)
    assert head.get("/college/relecture")


def test_a_refusal_needs_a_reason_that_the_head_reads(season, session, pages_as, first):
    head, desk = pages_as(season.head), pages_as(season.animator)
    head.get(first)
    head.submit("Envoyer la demande", kind="impossible_trip")
    one = objections(session)[0].id
    desk.get(f"/animation/relecture/demandes/{one}")
    page = desk.submit("Refuser avec cette raison", status=422)
    assert page.title.text.startswith("Erreur")
    desk.submit("Refuser avec cette raison", answer="Le tram y mène en dix minutes.")
    assert "Le tram y mène en dix minutes." in words(head.get("/college/relecture"))

    desk.post(f"/animation/relecture/demandes/{one}/accepter", 409)


def test_of_two_pupils_the_animator_says_who_moves(season, session, pages_as, first):
    head, desk = pages_as(season.head), pages_as(season.animator)
    head.get(first)
    head.submit("Envoyer la demande", kind="apart", other_id=str(season.pupils[1].id))
    one = objections(session)[0].id
    page = desk.get(f"/animation/relecture/demandes/{one}")
    assert "oui, Menuiserie" in words(page)
    page = desk.submit("Une autre place pour Élève1 Nom1")
    assert "1 décision n’est pas dans le calcul retenu" in words(page)
    assert "Élève1 Nom1" in words(head.get("/college/relecture"))


def test_the_review_asks_as_many_questions_for_a_whole_school(
    season, session, sessions, pages_as, first
):
    from tests.web.test_school import counted

    visitor = pages_as(season.head)
    addresses = ("/college/relecture", first)
    with counted(sessions) as few:
        for address in addresses:
            visitor.get(address)
    klass = season.pupils[0].school_class
    for n in range(20):
        pupil = f.pupil(session, klass, f"Autre{n}", "Nom")
        session.add(
            Assignment(
                run_id=season.round.selected_run_id,
                pupil_id=pupil.id,
                offer_week_id=season.town.weeks[0].id,
                source=Source.COMPLETION,
            )
        )
        session.add(
            Objection(
                round_id=season.round.id,
                pupil_id=pupil.id,
                offer_week_id=season.town.weeks[0].id,
                kind="impossible_trip",
                asked_by_id=season.head.account_id,
                asked_at=f.RUN_AT,
            )
        )
    session.commit()
    with counted(sessions) as many:
        for address in addresses:
            visitor.get(address)
    assert len(many) <= len(few) + 2 * 5, "a few more for the requests, none a pupil"
