"""The main pages of each space, in a real browser, while wishes are open and once published."""

from datetime import timedelta

import pytest

from models import CampaignState, RoundState
from tests import factories as f
from tests.browser.audit import audit
from tests.services.seasons import Season
from web.services.publication import publish

PAGES = {
    "pupil": ("/eleve/offres", "/eleve/voeux", "/eleve/resultat", "/eleve/aide"),
    "head": ("/college/", "/college/eleves", "/college/classes", "/college/eleves/nouveau"),
    "team": ("/structure/", "/structure/eleves"),
    "animator": ("/animation/", "/animation/offres", "/animation/messages"),
}


@pytest.fixture(params=["wishes", "published"])
def season(request, session, sessions, clock):
    if request.param == "wishes":
        made = Season(session, state=CampaignState.RUNNING, round_state=RoundState.WISHES_OPEN)
    else:
        clock.move_to(f.PUBLISH_AT)
        made = Season(session).review(sessions)
        publish(session, made.round.id, by=made.by, now=f.PUBLISH_AT)
    made.pupil = f.pupil_member(session, made.pupils[0])
    session.commit()
    return made


@pytest.mark.parametrize("size", ["phone", "desk"])
@pytest.mark.parametrize("space", PAGES)
def test_the_main_pages_stand(visit, season, space, size):
    page = visit(size, getattr(season, space))
    for path in PAGES[space]:
        audit(page, path)


@pytest.mark.parametrize("size", ["phone", "desk"])
def test_the_offer_form_stands(visit, session, clock, size):
    clock.move_to(f.OFFERS_CLOSE - timedelta(days=7))
    team = Season(session).team
    audit(visit(size, team), "/structure/offres/nouvelle")
