"""The animator plans a complementary round, as she visits the pages."""

from datetime import timedelta

from models import Round
from tests import factories as f
from tests.services.seasons import Season
from tests.web.test_animator import text
from web.services import campaigns, publication

AFTER = f.ANSWERS_UNTIL + timedelta(hours=1)


def test_from_the_campaign_page_to_open_wishes(session, sessions, pages_as, clock):
    season = Season(session).review(sessions)
    visit = pages_as(season.animator)
    clock.move_to(f.REVIEW_UNTIL)
    visit.get("/animation/tours/nouveau", status=404)
    publication.publish(session, season.round.id, by=season.by, now=f.PUBLISH_AT)
    session.commit()
    clock.move_to(f.PUBLISH_AT)
    visit.get("/animation/tours/nouveau")
    page = visit.submit("Prévoir ce tour")
    assert "Ses vœux ne s’ouvrent pas avant la fin des réponses du tour 1" in text(page)
    assert "Ouvrir les vœux du tour 2 maintenant" not in text(page)
    session.query(Round).filter_by(number=2).delete()
    campaigns.advance(session, AFTER)
    session.commit()
    clock.move_to(AFTER)

    page = visit.get("/animation/")
    assert "1 élève attend une place" in text(page)
    page = visit.get(page.select_one("a[href$=nouveau]")["href"])
    assert text(page.h1) == "Prévoir le tour 2"
    page = visit.submit("Prévoir ce tour", status=422, **{"wishes_open_at-day": "1"})
    assert "après la fin des réponses du précédent" in text(page)
    visit.get("/animation/tours/nouveau")
    page = visit.submit("Prévoir ce tour")
    assert "Le tour 2 est prévu." in text(page)
    assert "Prévoir un tour" not in text(page)
    page = visit.get("/animation/dates")
    assert "Celles du tour 2." in text(page)
    assert page.select_one("form[action$='/2/dates']"), "its dates may still move"

    visit.get("/animation/")
    page = visit.submit("Ouvrir les vœux du tour 2 maintenant")
    assert "tour 2" in text(page.h1)
