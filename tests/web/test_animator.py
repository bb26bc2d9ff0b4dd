"""The animator's space, as she visits it."""

import pytest

from models import Assignment, OfferState, Placement, RoundState
from tests import factories as f
from tests.queries import counted
from tests.services.seasons import Season
from web.services import campaigns, runs


def text(page):
    return " ".join(page.text.split()).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.fixture
def season(session, clock):
    """Wishes are open."""
    made = Season(session)
    campaigns.advance(session, f.WISHES_OPEN)
    session.commit()
    return made


@pytest.fixture
def in_review(session, sessions, clock):
    made = Season(session).review(sessions)
    session.commit()
    clock.move_to(f.RUN_AT.replace(day=20))
    return made


def test_the_campaign_page_shows_what_is_there_and_one_act(season, pages_as):
    page = pages_as(season.animator).get("/animation/")

    assert page.h1.text.startswith("Campagne 2026")
    assert "5 places, 7 élèves" in text(page)
    primary = page.select("main .btn-primary")
    assert [button.text.strip() for button in primary] == ["Simuler maintenant"]


@pytest.mark.parametrize("state", list(RoundState))
def test_each_state_has_exactly_one_primary_act(session, pages_as, clock, state):
    season = Season(session, state=f.CampaignState.RUNNING, round_state=state)
    page = pages_as(season.animator).get("/animation/")
    assert len(page.select("main .btn-primary")) == 1


def test_a_simulation_is_asked_for_followed_and_read(season, sessions, pages_as):
    visit = pages_as(season.animator)
    visit.get("/animation/")
    page = visit.submit("Simuler maintenant")
    assert page.select_one("progress")["value"] == "0"

    runs.work_once(sessions.writing, lambda _: f.WISHES_TIME)
    page = visit.get("/animation/calculs/1")
    assert "C’est une simulation" in text(page)
    assert "80 %" in text(page.select_one(".t-tile--main"))
    assert page.select_one("progress") is None


def test_a_failed_run_says_why(session, season, pages_as):
    run = runs.request_run(session, season.round.id, by=season.by, now=f.WISHES_TIME)
    run.state, run.failure = runs.RunState.FAILED, "Promesse non tenue."
    session.commit()

    assert "Promesse non tenue." in text(pages_as(season.animator).get("/animation/calculs/1"))


def test_review_shows_schools_pupils_and_reasons(in_review, pages_as):
    visit = pages_as(in_review.animator)
    page = visit.get("/animation/relecture")
    assert "Collège Simone-Veil" in text(page)
    assert "promesses tenues" in text(page)

    page = visit.get(f"/animation/relecture/1/colleges/{in_review.other.id}")
    assert "Sans solution" in text(page)

    page = visit.get(f"/animation/relecture/1/eleves/{in_review.pupils[0].id}")
    assert page.h1.text == "Élève0 Nom0"
    assert len(page.select(".t-why li")) == 2


def test_a_pupil_is_found_by_part_of_the_name(in_review, pages_as):
    page = pages_as(in_review.animator).get("/animation/relecture?q=nom3")
    assert "Élève3 Nom3" in text(page)
    assert "Élève2 Nom2" not in text(page)


def test_unplaced_pupils_are_listed(in_review, pages_as):
    page = pages_as(in_review.animator).get("/animation/relecture?vu=sans-solution")
    assert "1 élève trouvé" in text(page)


def test_publication_waits_for_the_schools_then_is_one_act(in_review, session, pages_as, clock):
    visit = pages_as(in_review.animator)
    page = visit.get("/animation/publication")
    assert "attend la fin de ce délai" in text(page)
    assert not page.select("main .btn-primary")

    clock.move_to(f.REVIEW_UNTIL)
    assert "toutes en même temps" in text(visit.get("/animation/publication"))

    clock.move_to(f.PUBLISH_AT)
    assert "publiez les résultats" in text(visit.get("/animation/"))
    page = visit.get("/animation/publication")
    assert "Objet : Stage de 3e : le résultat est publié" in text(page)
    page = visit.submit("Publier maintenant")
    assert "Résultats publiés le" in text(page)
    assert session.query(Placement).count() == 5
    session.rollback()
    first = visit.get("/animation/").select_one(".t-tile--main")
    assert "prioritaires80 %4 sur 5 places données" in text(first)

    visit.post("/animation/tours/1/publier")
    session.rollback()
    assert session.query(Placement).count() == 5


def test_publishing_too_early_by_hand_is_refused(in_review, session, pages_as):
    page = pages_as(in_review.animator).post(
        f"/animation/tours/{in_review.round.id}/publier", status=409
    )
    assert "Les collèges peuvent relire" in text(page)
    assert session.query(Placement).count() == 0


@pytest.mark.parametrize(
    "path",
    [
        "/animation/calculs/1",
        "/animation/relecture/1/colleges/1",
        "/animation/relecture/1/eleves/1",
        "/animation/offres/1",
    ],
)
def test_another_territory_is_not_found(in_review, session, pages_as, path):
    stranger = f.animator(session, f.territory(session, "35"))
    session.commit()

    pages_as(in_review.animator).get(path)
    pages_as(stranger).get(path, status=404)


def test_another_territory_changes_nothing(in_review, session, pages_as, clock):
    stranger = f.animator(session, f.territory(session, "35"))
    session.commit()
    clock.move_to(f.PUBLISH_AT)
    visit = pages_as(stranger)

    for act in ("publier", "calculs", "dates", "ouvrir-la-relecture", "valeur-publique"):
        visit.post(f"/animation/tours/{in_review.round.id}/{act}", status=404)
    visit.post("/animation/calculs/1/retenir", status=404)
    session.rollback()
    assert in_review.round.state is RoundState.REVIEW


@pytest.mark.parametrize(
    "path", ["", "dates", "offres", "calculs", "relecture", "publication", "messages"]
)
def test_only_animators_enter(in_review, pages_as, path):
    pages_as(in_review.head).get(f"/animation/{path}", status=403)


def test_nobody_else_reads_a_result_before_publication(in_review, pages_as, session):
    pupil = f.pupil_member(session, in_review.pupils[0])
    session.commit()
    for path in ("/animation/relecture", "/animation/relecture/1/eleves/1"):
        pages_as(pupil).get(path, status=403)
        pages_as(in_review.team).get(path, status=403)


def test_an_offer_is_approved(season, session, pages_as):
    season.wood.state = OfferState.SUBMITTED
    season.wood.submitted_at = f.WISHES_OPEN
    session.commit()
    visit = pages_as(season.animator)
    assert "Menuiserie" in text(visit.get("/animation/offres"))

    visit.get(f"/animation/offres/{season.wood.id}")
    visit.submit("Approuver et ouvrir aux élèves")
    session.expire_all()
    assert season.wood.state is OfferState.OPEN


def test_an_offer_goes_back_with_a_reason_only(season, session, pages_as):
    season.wood.state = OfferState.SUBMITTED
    session.commit()
    visit = pages_as(season.animator)
    visit.get(f"/animation/offres/{season.wood.id}")

    page = visit.submit("Retourner avec ce message", status=422)
    assert text(page.title).startswith("Erreur : ")
    visit.submit("Retourner avec ce message", reason="Précisez les horaires.")
    session.expire_all()
    assert season.wood.state is OfferState.RETURNED
    assert season.wood.return_reason == "Précisez les horaires."


def test_dates_are_changed_and_bad_ones_said_at_their_field(season, session, pages_as):
    visit = pages_as(season.animator)
    visit.get("/animation/dates")
    page = visit.submit("Enregistrer les dates", status=422, data={"publish_at-day": "4"})
    assert "Cette date doit venir après la fin de la relecture" in text(page)
    assert page.select_one("#publish_at-day")["value"] == "4"

    visit.get("/animation/dates")
    visit.submit("Enregistrer les dates", data={"answers_until-day": "20"})
    session.expire_all()
    assert season.round.answers_until.day == 20


def test_messages_of_the_round_are_counted(in_review, pages_as):
    page = pages_as(in_review.animator).get("/animation/messages")
    assert "Ouverture des vœux" in text(page)
    assert "Relecture ouverte" in text(page)


def test_a_department_without_campaign_says_so(session, pages_as):
    alone = f.animator(session, f.territory(session))
    session.commit()
    visit = pages_as(alone)
    assert "Aucune campagne" in text(visit.get("/animation/"))
    visit.get("/animation/calculs", status=404)


@pytest.mark.parametrize("path", ["", "relecture", "publication", "relecture?q=nom", "offres"])
def test_queries_do_not_grow_with_the_campaign(in_review, session, sessions, pages_as, path):
    def queries():
        with counted(sessions) as seen:
            pages_as(in_review.animator).get(f"/animation/{path}")
        return len(seen)

    before = queries()
    for number in range(4):
        school = f.school(session, in_review.territory, name=f"Collège {number}")
        klass = f.school_class(session, in_review.campaign, school, in_review.weeks[:1])
        for rank in range(3):
            pupil = f.pupil(session, klass, f"Autre{rank}", f"Nom{number}")
            f.wishes(session, pupil, in_review.wood)
            session.add(Assignment(run_id=1, pupil_id=pupil.id))
    session.commit()
    assert queries() <= before


def test_offers_of_a_state_come_page_by_page(season, session, pages_as, monkeypatch):
    monkeypatch.setattr("web.services.offers.PER_PAGE", 1)
    visit = pages_as(season.animator)
    page = visit.get("/animation/offres?etat=open")
    assert "Ouverte (2)" in text(page)
    assert "2 offres, page 1 sur 2" in text(page.caption)
    titles = page.select("main tbody a, main [role=rowheader] a")
    assert [one.text for one in titles] == ["Menuiserie"]
    page = visit.get(page.find("a", string="Suivante")["href"])
    titles = page.select("main tbody a, main [role=rowheader] a")
    assert [one.text for one in titles] == ["Mairie"]
    visit.get("/animation/offres?etat=open&page=99")
    visit.get("/animation/offres?etat=open&page=zzz")


def test_hosts_with_free_seats_are_told_apart_by_who_they_are(in_review, session, pages_as):
    twin = f.host(session, in_review.territory, in_review.host.name)
    spare = f.offer(session, in_review.campaign, twin, {in_review.weeks[1]: 3}, title="Atelier")
    spare.total_seats = 2
    session.commit()
    page = pages_as(in_review.animator).get("/animation/publication")
    table = page.find("caption", string=lambda t: t and "libres" in t).find_parent("table")
    rows = [[cell.text for cell in row.select("th, td")] for row in table.select("tbody tr")]
    assert rows == [[twin.name, "1", "2"]], "no more than the common limit; the full host is out"
