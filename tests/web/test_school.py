"""What the team of a school sees and does, page by page."""

import re
from datetime import date

import pytest

from models import Assignment, Origin, Placement, RoundState, Run, RunState, Source
from tests import factories as make
from tests.factories import PUBLISH_AT, RUN_AT, WISHES_TIME
from tests.queries import counted

NEW = {
    "last_name": "Le Bihan",
    "first_name": "Enora",
    "birth_date-day": "31",
    "birth_date-month": "1",
    "birth_date-year": "2012",
}


class Town:
    """A school with one class of one pupil who ranks two offers, and its head."""

    def __init__(self, session):
        where = make.territory(session)
        self.season = make.campaign(session, where)
        self.round = self.season.rounds[0]
        self.weeks = make.weeks_of(session, self.season)
        self.school = make.school(session, where, name="Collège Stendhal")
        self.klass = make.school_class(session, self.season, self.school, self.weeks[:2])
        host = make.host(session, where)
        seats = dict.fromkeys(self.weeks[:2], 2)
        self.offer = make.offer(session, self.season, host, seats, title="Voir une menuiserie")
        other = make.offer(session, self.season, host, {self.weeks[1]: 1}, title="Dessiner")
        mother = make.guardian(session)
        self.lina = make.pupil(session, self.klass, "Lina", "Bernard", guardian=mother)
        make.wishes(session, self.lina, self.offer, other)
        self.head = make.head(session, self.school)
        self.other_head = make.head(session, make.school(session, where, name="Collège Debussy"))
        session.commit()

    def select_run(self, session):
        """A run that gives Lina her first wish, chosen for the review."""
        run = make.added(
            session,
            Run(
                round=self.round,
                state=RunState.DONE,
                policy="priority",
                seed="s",
                code_version="1",
                instance=b"",
                instance_sha256="0",
                requested_at=RUN_AT,
            ),
        )
        place = self.offer.weeks[0]
        session.add(
            Assignment(run=run, pupil=self.lina, offer_week=place, source=Source.WISH, rank=1)
        )
        session.flush()
        self.round.selected_run_id = run.id
        session.commit()

    def publish(self, session):
        session.add(
            Placement(
                campaign_id=self.season.id,
                round=self.round,
                pupil=self.lina,
                offer_week=self.offer.weeks[0],
                origin=Origin.RUN,
                rank=1,
                created_at=PUBLISH_AT,
            )
        )
        self.round.state, self.round.published_at = RoundState.PUBLISHED, PUBLISH_AT
        session.commit()


@pytest.fixture
def town(session):
    return Town(session)


def words(page):
    return " ".join(page.main.get_text(" ").split())


def test_home_begins_with_who_has_not_confirmed(town, pages_as):
    page = pages_as(town.head).get("/college/")
    note = page.main.select_one(".t-note")
    assert "1 élève n’a pas confirmé sa liste" in " ".join(note.text.split())
    assert page.main.select_one(".btn-primary")["href"] == "/college/eleves?etat=todo"
    assert page.select_one(".t-label").text == "REP+"


def test_the_totals_of_the_classes_are_those_of_the_school(town, session, pages_as):
    second = make.school_class(session, town.season, town.school, town.weeks[:1], "3e B")
    for n in range(3):
        make.pupil(session, second, f"Élève{n}")
    session.commit()
    table = pages_as(town.head).get("/college/").select_one("table")
    columns = [[cell.text for cell in row.select("td.n")] for row in table.select("tbody tr")]
    total = [cell.text for cell in table.select("tfoot td.n")]
    assert [str(sum(int(n) for n in column)) for column in zip(*columns, strict=True)] == total


def test_a_class_without_week_is_urgent(town, session, pages_as):
    make.school_class(session, town.season, town.school, [], "3e B")
    session.commit()
    assert "1 classe n’a pas de semaine" in words(pages_as(town.head).get("/college/"))


def test_pupils_are_filtered_by_class_and_status(town, session, pages_as):
    make.pupil(session, town.klass, "Malo", "Perrin")
    session.commit()
    visitor = pages_as(town.head)
    begun = visitor.get(f"/college/eleves?classe={town.klass.id}&etat=begun")
    assert [a.text for a in begun.select("table a")] == ["Lina Bernard"]
    todo = visitor.get("/college/eleves?etat=todo")
    assert [a.text for a in todo.select("table a")] == ["Malo Perrin", "Lina Bernard"]
    assert "Aucun élève dans ce choix" in words(visitor.get("/college/eleves?etat=confirmed"))


def test_a_pupil_is_added_and_the_codes_are_shown_once(town, pages_as):
    visitor = pages_as(town.head)
    visitor.get("/college/eleves/nouveau")
    page = visitor.submit("Ajouter l’élève", data=NEW, guardian1_name="Gwen Le Bihan")
    codes = [code.text for code in page.select("dd strong")]
    assert len(codes) == 2
    assert all(re.fullmatch(r"\w{4}-\w{3}-\w{4}", code) for code in codes)
    assert "/compte/connexion" in words(page)
    link = page.select_one(".btn-primary")["href"]
    assert not set(codes) & set(visitor.get(link).text.split())


def test_what_was_typed_stays_and_each_mistake_is_at_its_field(town, pages_as):
    visitor = pages_as(town.head)
    visitor.get("/college/eleves/nouveau")
    wrong = {**NEW, "birth_date-month": "2", "guardian1_email": "gwen@"}
    page = visitor.submit("Ajouter l’élève", status=422, data=wrong)
    assert page.title.text.startswith("Erreur")
    assert page.select_one("#last_name")["value"] == "Le Bihan"
    assert "31/2/2012 n’existe pas" in page.select_one("#birth_date-error").text
    assert "Il manque" in page.select_one("#guardian1_email-error").text
    links = {a["href"] for a in page.select("[role=alert] a")}
    assert {"#birth_date-day", "#guardian1_email", "#guardian1_name"} <= links


def test_one_person_is_not_typed_twice_as_two_guardians(town, pages_as):
    visitor = pages_as(town.head)
    visitor.get("/college/eleves/nouveau")
    twice = {"guardian1_name": "Gwen", "guardian1_email": "gwen@example.org"}
    twice |= {"guardian2_name": "Gwen L.", "guardian2_email": "Gwen@example.org"}
    page = visitor.submit("Ajouter l’élève", 422, data={**NEW, **twice})
    said = page.select_one("#guardian2_email-error").text
    assert "Cette adresse est déjà celle du premier responsable." in said


def test_a_pupil_already_there_is_shown_not_doubled(town, pages_as):
    visitor = pages_as(town.head)
    visitor.get("/college/eleves/nouveau")
    same = {"last_name": "BERNARD", "first_name": "lina", "birth_date-day": "9"}
    same |= {"birth_date-month": "3", "birth_date-year": "2012"}
    page = visitor.submit("Ajouter l’élève", status=409, data=same)
    assert "figure déjà" in page.select_one("#last_name-error").text
    assert page.find("a", string="Ouvrir la fiche de cet élève")["href"].endswith(str(town.lina.id))


def test_a_new_class_needs_a_name(town, pages_as):
    visitor = pages_as(town.head)
    visitor.get("/college/eleves/nouveau")
    page = visitor.submit("Ajouter l’élève", status=422, data={**NEW, "class_id": "0"})
    assert "nouvelle classe" in page.select_one("#new_class-error").text
    page = visitor.submit("Ajouter l’élève", data={**NEW, "class_id": "0", "new_class": "3e E"})
    assert "Enora Le Bihan, 3e E" in words(page)


def test_a_pupil_page_ranks_the_wishes_and_renews_codes(town, pages_as):
    visitor = pages_as(town.head)
    page = visitor.get(f"/college/eleves/{town.lina.id}")
    titles = [row.th.text for row in page.select("table")[0].select("tbody tr")]
    assert titles == ["Voir une menuiserie", "Dessiner"]
    page = visitor.submit("Donner un nouveau code\u00a0: Samira Bernard")
    assert page.h1.text == "Nouveau code à remettre"
    assert "Samira Bernard" in words(page)


def test_a_pupil_is_corrected_then_removed(town, session, pages_as):
    visitor = pages_as(town.head)
    visitor.get(f"/college/eleves/{town.lina.id}/corriger")
    page = visitor.submit("Enregistrer les corrections", first_name="Linah")
    assert page.h1.text == "Linah Bernard"
    page = visitor.submit("Retirer cet élève")
    assert "Aucun élève pour l’instant" in words(page)


def test_a_correction_refused_keeps_what_was_typed(town, pages_as):
    visitor = pages_as(town.head)
    visitor.get(f"/college/eleves/{town.lina.id}/corriger")
    page = visitor.submit("Enregistrer les corrections", status=409, **{"birth_date-year": "1998"})
    assert page.select_one("#birth_date-year")["value"] == "1998"
    assert "vérifiez l’année" in page.select_one("#birth_date-error").text


def test_the_weeks_of_a_class_change_or_say_why_not(town, session, pages_as):
    visitor = pages_as(town.head)
    visitor.get(f"/college/classes/{town.klass.id}")
    page = visitor.submit("Enregistrer les semaines", status=409, weeks=[town.weeks[2].id])
    assert "1 élève a déjà classé" in page.select_one("#weeks-error").text
    page = visitor.submit("Enregistrer les semaines", weeks=[w.id for w in town.weeks[1:]])
    assert "Semaines enregistrées" in words(page)
    town.round.state = RoundState.WISHES_CLOSED
    session.commit()
    page = visitor.get(f"/college/classes/{town.klass.id}")
    assert not page.main.select("form")


def test_a_week_that_does_not_exist_is_refused(town, pages_as):
    visitor = pages_as(town.head)
    visitor.post(f"/college/classes/{town.klass.id}", 422, weeks=["9999"])


def test_proposals_are_read_in_the_review_and_not_before(town, session, pages_as, clock):
    town.select_run(session)
    visitor = pages_as(town.head)
    assert "Voir une menuiserie" not in words(visitor.get("/college/relecture"))
    town.round.state = RoundState.REVIEW
    session.commit()
    page = visitor.get("/college/relecture")
    assert "Voir une menuiserie" in words(page)
    assert "jeudi 5 novembre 2026 à 18 h" in words(page)
    theirs = pages_as(town.other_head).get("/college/relecture")
    assert "Lina" not in words(theirs)


def test_results_wait_for_the_publication(town, session, pages_as):
    visitor = pages_as(town.head)
    town.select_run(session)
    town.round.state = RoundState.REVIEW
    session.commit()
    assert "Lina" not in words(visitor.get("/college/resultats"))
    assert "Place attribuée" not in words(visitor.get(f"/college/eleves/{town.lina.id}"))
    town.publish(session)
    assert "Voir une menuiserie" in words(visitor.get("/college/resultats"))
    assert "Place attribuée" in words(visitor.get(f"/college/eleves/{town.lina.id}"))
    assert "Retirer cet élève" not in words(visitor.get(f"/college/eleves/{town.lina.id}"))
    assert "Les résultats sont publiés" in words(visitor.get("/college/"))


def test_the_rows_of_another_school_do_not_exist(town, pages_as):
    stranger = pages_as(town.other_head)
    pupil, klass = f"/college/eleves/{town.lina.id}", f"/college/classes/{town.klass.id}"
    guardian = f"{pupil}/responsables/{town.lina.guardians[0].id}/code"
    for address in (pupil, f"{pupil}/corriger", klass):
        stranger.get(address, 404)
    for address in (f"{pupil}/code", f"{pupil}/retirer", f"{pupil}/corriger", guardian, klass):
        stranger.post(address, 404)


def test_other_roles_stay_out(town, session, pages_as):
    host = make.host_member(session, make.host(session, town.school.territory))
    session.commit()
    for address in ("/college/", f"/college/eleves/{town.lina.id}"):
        pages_as(host).get(address, 403)


def test_a_school_without_campaign_is_told_to_wait(session, pages_as):
    head = make.head(session, make.school(session, make.territory(session)))
    session.commit()
    visitor = pages_as(head)
    for page in ("", "eleves", "eleves/nouveau", "classes", "relecture", "resultats"):
        assert not visitor.get(f"/college/{page}").main.select("form[method=post]")


def test_pages_ask_as_many_questions_for_a_hundred_pupils(town, session, sessions, pages_as):
    visitor = pages_as(town.head)
    town.publish(session)
    addresses = ("/college/", "/college/eleves", "/college/resultats")
    with counted(sessions) as few:
        for address in addresses:
            visitor.get(address)
    for n in range(100):
        made = make.pupil(session, town.klass, f"Élève{n}", code=None)
        made.birth_date = date(2012, 1, 1)
        make.wishes(session, made, town.offer)
        made.wishes_confirmed_at = WISHES_TIME
    session.commit()
    with counted(sessions) as many:
        for address in addresses:
            visitor.get(address)
    assert len(many) == len(few)
