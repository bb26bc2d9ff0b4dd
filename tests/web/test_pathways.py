"""The pages of the composer, and what pupils and hosts read of a parcours."""

import json

import pytest

from models import Offer, OfferKind, OfferState
from tests import factories as make
from tests.services.pathways import Week
from tests.web.test_host import POSTING, words
from web.services.pathways import approve_pathway, pathway_seen, write_proposals
from web.services.publication import publish

HOME = "/animation/parcours/"


@pytest.fixture
def week(session):
    return Week(session)


def test_an_animator_proposes_corrects_opens_and_takes_away(session, week, pages_as):
    pages = pages_as(week.animator)
    page = pages.get(HOME)
    monday = page.select_one("main table a")["href"]
    page = pages.get(monday)
    assert "Places encore libres" in words(page)
    assert "De 1 à 100 km" in words(pages.submit("Proposer des parcours", 422, travel_km="0"))
    page = pages.submit("Proposer des parcours", travel_km="10")
    assert "a trouvé 1 parcours pour 2 élèves" in words(page)
    assert "preuve complète" in words(page)
    assert "aucun parcours" in words(pages.submit("Proposer des parcours"))
    address = page.select_one("main .t-stack a")["href"]
    page = pages.get(address)
    assert "5 jours couverts" in words(page)
    assert "Préfecture, lundi matin, limite à 2 élèves" in words(page)
    page = pages.submit("Enregistrer le parcours", 422, seats="3")
    assert "2 au plus" in words(page)
    page = pages.submit("Enregistrer le parcours", title="Au cœur de l’État", seats="2")
    page = pages.submit("Approuver et proposer aux élèves")
    assert "Ouvert aux élèves" in words(page)
    session.expire_all()
    made = pathway_seen(session, int(address.rsplit("/", 1)[1]), week.campaign)
    assert made.state is OfferState.OPEN
    session.rollback()
    assert "Le parcours est retiré" in words(pages.submit("Retirer le parcours"))


def test_a_week_is_composed_by_hand_and_says_what_it_lacks(session, week, pages_as):
    pages = pages_as(week.animator)
    start = pages.get(HOME).select_one("main table a")["href"]
    page = pages.get(start)
    sent = {name: page.select_one(f"[name={name}]") for name in ("form_key", "step")}
    sent = {"form_key": sent["form_key"]["value"], "step": sent["step"].option["value"]}
    for _ in range(2):
        pages.post(f"{start}/composer", data=sent)
    assert session.query(Offer).filter_by(kind=OfferKind.PATHWAY).count() == 1
    session.rollback()
    pages.get(start)
    page = pages.submit("Composer à partir d’ici")
    assert "Mardi : choisissez au moins une demi-journée." in words(page)
    page = pages.submit("Enregistrer le parcours", 422, data={"slot-0": "0", "slot-1": "0"})
    assert "au moins une demi-journée" in words(page)
    assert "brouillon disparaît" in words(page)
    pages.get("/animation/parcours/semaines/2026-99-01", 404)
    pages.get("/animation/parcours/999", 404)


def chosen(page, *hosts):
    """The slots of the form filled with each host where it is offered."""
    picked = {}
    for slot in range(10):
        for option in page.select(f"[name=slot-{slot}] option"):
            if option.text.startswith(hosts):
                picked[f"slot-{slot}"] = option["value"]
    return picked


def test_the_text_that_nobody_wrote_follows_the_steps(session, week, pages_as):
    pages = pages_as(week.animator)
    pages.get(pages.get(HOME).select_one("main table a")["href"])
    page = pages.submit("Composer à partir d’ici")
    assert "Une semaine chez une structure," in page.select_one("[name=description]").text
    whole = chosen(page, "Préfecture", "DDTM", "Biocoop")
    page = pages.submit("Enregistrer le parcours", data=whole, seats="2")
    said = page.select_one("[name=description]").text
    assert "Une semaine chez 3 structures," in said
    assert "Biocoop" in said
    assert page.select_one("[name=title]")["value"] == "Parcours : Préfecture, DDTM, Biocoop"
    page = pages.submit("Enregistrer le parcours", description="Trois métiers, une semaine.")
    page = pages.submit("Enregistrer le parcours", data={"slot-9": "0"})
    assert page.select_one("[name=description]").text.strip() == "Trois métiers, une semaine."


def test_an_older_page_does_not_undo_what_a_colleague_saved(session, week, pages_as):
    pages = pages_as(week.animator)
    pages.get(pages.get(HOME).select_one("main table a")["href"])
    page = pages.submit("Composer à partir d’ici")
    address = page.select_one("main form")["action"]
    seen = page.select_one("[name=seen]")["value"]
    pages.submit("Enregistrer le parcours", title="Le mien")
    page = pages.get(address)
    late = {"seen": seen, "title": "Trop tard"}
    assert "Quelqu’un a enregistré ce parcours" in words(
        pages.submit("Enregistrer le parcours", 422, data=late)
    )
    pages.get(address)
    again = pages.submit("Enregistrer le parcours", data={"seen": seen, "title": "Le mien"})
    assert "Le parcours est enregistré" in words(again)


def test_pupils_read_the_five_days_and_other_roles_do_not_compose(session, week, pages_as):
    pages = pages_as(week.animator)
    pages.get(pages.get(HOME).select_one("main table a")["href"])
    page = pages.submit("Proposer des parcours")
    page = pages.get(page.select_one("main .t-stack a")["href"])
    pages.submit("Approuver et proposer aux élèves")
    pages_as(week.team).get(HOME, 403)
    pupil = make.pupil_member(session, week.pupils[0])
    session.commit()
    pages = pages_as(pupil)
    page = pages.get("/eleve/offres?parcours=y")
    assert "Préfecture, DDTM et Biocoop" in words(page)
    assert "Menuiserie" not in words(page)
    page = pages.get(page.select_one("article h3 a")["href"])
    assert "La semaine, jour par jour" in words(page)
    assert len(page.select(".t-week li")) == 5
    assert "anne@example.org" not in words(page)


def test_a_host_reads_which_parcours_counts_on_its_half_days(session, week, pages_as):
    pages = pages_as(week.animator)
    pages.get(pages.get(HOME).select_one("main table a")["href"])
    pages.submit("Proposer des parcours")
    member = make.host_member(session, week.company, email="biocoop@example.org")
    session.commit()
    page = pages_as(member).get(f"/structure/offres/{week.last.id}")
    assert "Un parcours compte sur ces demi-journées" in words(page)
    assert "Mettre en pause" not in words(page)
    assert "elle remplacera vos demi-journées" in words(page)


def test_half_days_are_offered_in_the_wizard_without_usual_hours(session, week, pages_as, clock):
    week.first.state = OfferState.DRAFT
    week.first.days = []
    member = make.host_member(session, week.prefecture, email="prefecture@example.org")
    session.commit()
    clock.move_to(POSTING)
    pages = pages_as(member)
    page = pages.get(f"/structure/offres/{week.first.id}/pratique")
    assert "seulement les demi-journées où vous accueillez" in words(page)
    assert page.select_one("#day-0-start")["value"] == ""


def test_published_family_host_and_calendar_read_who_welcomes_each_day(
    session, sessions, week, pages_as, clock
):
    day = week.weeks[0].monday
    (made,) = write_proposals(
        session, week.campaign, day, 10, by=week.by, now=make.WISHES_TIME
    ).pathways
    approve_pathway(session, made.id, week.campaign, by=week.by, now=make.WISHES_TIME)
    first = week.pupils[0]
    for wish in list(first.wishes):
        session.delete(wish)
    session.flush()
    make.wishes(session, first, made)
    pupil = make.pupil_member(session, first)
    ddtm = make.host_member(session, week.ddtm, email="ddtm@example.org")
    session.commit()
    session.expire_all()  # the lists as they are stored
    week.review(sessions)
    publish(session, week.round.id, by=week.by, now=make.PUBLISH_AT)
    name, number = first.full_name, first.id
    pages, host, head = pages_as(pupil), pages_as(ddtm), pages_as(week.head)
    session.commit()
    clock.move_to(make.PUBLISH_AT)
    page = pages.get("/eleve/resultat")
    assert len(page.select(".t-week li")) == 5
    assert "Biocoop" in words(page)
    assert "anne@example.org" in words(page)
    calendar = pages.get(next(a["href"] for a in page.select("a") if "agenda" in a.text)).text
    assert "Mercredi : DDTM" in calendar.replace("\r\n ", "")
    page = host.get("/structure/eleves")
    assert name in words(page)
    assert "Chez vous : mercredi matin, mercredi après-midi" in words(page)
    page = head.get(f"/college/eleves/{number}")
    assert "Mercredi DDTM" in words(page)


def test_the_command_prints_the_proposals_and_writes_nothing(app, session, week):
    day = week.weeks[0].monday.isoformat()
    done = app.test_cli_runner().invoke(args=["propose-pathways", "--week", day])
    told = json.loads(done.output)
    assert (told["pupils"], told["proved"]) == (2, True)
    assert told["levels"][0] == {"name": "pupils", "value": 2, "bound": 2}
    assert len(told["pathways"][0]["steps"]) == 10
    assert session.query(type(week.first)).filter_by(kind=OfferKind.PATHWAY).count() == 0
    wrong = app.test_cli_runner().invoke(args=["propose-pathways", "--week", "demain"])
    assert wrong.exit_code == 1
    assert "n’est pas une date" in wrong.output
