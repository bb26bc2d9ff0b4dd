"""The page of the journal, and the lines that reading leaves."""

from tests import factories as make
from tests.factories import WISHES_TIME
from tests.services.test_journal import Office
from tests.web.test_host import words


def test_reading_a_file_leaves_a_line_that_animators_see(session, clock, pages_as):
    clock.move_to(WISHES_TIME)
    office = Office(session)
    head, animator = pages_as(office.head), pages_as(office.animator)
    address = f"/college/eleves/{office.pupil.id}"
    head.get(address)
    head.get(address)
    head.get("/college/eleves/suivi.csv")
    page = animator.get("/animation/journal")
    assert "2 lignes" in words(page).replace("\xa0", " ")
    assert "Fiche d’élève lue Lina Bernard" in words(page).replace("\xa0", " ")
    page = animator.get("/animation/journal?quoi=list&du=2026-10-08&au=2026-10-08")
    assert "suivi.csv" in words(page)
    assert "Lina" not in words(page)
    assert "Aucune ligne" in words(animator.get("/animation/journal?du=2026-10-09"))
    assert animator.get("/animation/journal/journal.csv").mimetype == "text/csv"
    elsewhere = make.animator(session, make.territory(session, "85"))
    session.commit()
    assert "Aucune ligne" in words(pages_as(elsewhere).get("/animation/journal"))
