"""Seats kept for named schools, as a host, two families, a head and an animator see them."""

from models import Offer, RoundState
from tests import factories as make
from tests.factories import WISHES_TIME
from tests.services.seasons import Season
from tests.web.test_host import ACTIVITY, POSTING


def words(page):
    return " ".join(page.get_text(" ").replace("\u202f", " ").replace("\xa0", " ").split())


def test_from_the_wizard_to_the_school(session, pages_as, clock):
    clock.move_to(POSTING)
    season = Season(session)
    visitor = pages_as(season.team)
    visitor.get("/structure/offres/nouvelle")
    page = visitor.submit("Continuer", 409, **ACTIVITY, named_seats="1")
    assert "Choisissez pour quels collèges" in words(page)
    assert page.select_one("#named_seats")["value"] == "1"
    session.rollback()
    page = visitor.submit("Continuer", 422, **ACTIVITY, named_schools=["999999"])
    assert page.select("#named_schools input")
    school = season.other
    page = visitor.submit("Continuer", named_schools=[str(school.id)], named_seats="1")
    made = session.query(Offer).order_by(Offer.id.desc()).first()
    assert (made.named_seats, made.named_schools) == (1, [school.id])
    page = visitor.get(f"/structure/offres/{made.id}/activite")
    assert page.select_one(f"input[name=named_schools][value='{school.id}'][checked]")

    season.town.named_seats, season.town.named_schools = 1, [school.id]
    session.commit()
    animator = pages_as(season.animator)
    assert school.name in words(animator.get(f"/animation/offres/{season.town.id}"))

    season.close()
    season.round.state = RoundState.WISHES_OPEN
    session.commit()
    clock.move_to(WISHES_TIME)
    for number, said in ((4, "gardée pour ton collège"), (0, "pour d’autres collèges")):
        member = make.pupil_member(session, season.pupils[number])
        session.commit()
        family = pages_as(member)
        assert said in words(family.get(f"/eleve/offres/{season.town.id}"))
        listed = words(family.get("/eleve/offres"))
        assert ("Places gardées pour ton collège" in listed) is (number == 4)
    head = make.head(session, school, email="veil@example.org")
    session.commit()
    page = words(pages_as(head).get("/college"))
    assert "Places gardées pour vos élèves" in page
    assert "Mairie" in page


def test_a_priority_head_reads_what_is_kept_for_its_label(session, pages_as):
    season = Season(session, round_state=RoundState.WISHES_OPEN)
    season.town.reserved_seats = 1
    session.commit()
    page = words(pages_as(season.head).get("/college/"))
    assert "1 offre garde des places pour les collèges REP+ et REP" in page
    assert "Mairie" in page
    other = make.head(session, season.other, email="veil@example.org")
    session.commit()
    assert "garde des places" not in words(pages_as(other).get("/college/"))
