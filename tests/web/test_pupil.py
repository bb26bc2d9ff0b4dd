"""The space of pupils and guardians, as they walk through it."""

from datetime import timedelta

import pytest

from models import HostKind, Label, OfferState, Role, RoundState
from tests import factories as f
from tests.factories import PUBLISH_AT, WISHES_CLOSE
from tests.queries import counted
from tests.services.seasons import Season
from web.format import fr
from web.services.publication import publish


class Class:
    """Lina and a classmate, twelve offers for them; a guardian with two children."""

    def __init__(self, session):
        self.session = session
        self.campaign = f.campaign(session)
        [self.round] = self.campaign.rounds
        where = self.campaign.territory
        self.weeks = f.weeks_of(session, self.campaign)
        self.klass = f.school_class(
            session, self.campaign, f.school(session, where), self.weeks[:1]
        )
        self.guardian = f.guardian(session)
        self.lina = f.pupil(session, self.klass, guardian=self.guardian)
        self.adam = f.pupil(session, self.klass, "Adam", guardian=self.guardian)
        self.noe = f.pupil(session, self.klass, "Noé", "Tessier")
        names = ["Menuiserie", "Théâtre", *(f"Atelier {n}" for n in range(10))]
        self.offers = [self.offer(name) for name in names]
        self.as_lina = f.pupil_member(session, self.lina)
        self.as_guardian = f.member(
            session, Role.GUARDIAN, guardian=self.guardian, name="Samira Bernard"
        )
        session.commit()

    def offer(self, title, weeks=None, **fields):
        kind = fields.pop("kind", HostKind.COMPANY)
        host = f.host(self.session, self.campaign.territory, f"Chez {title}", kind)
        seats = dict.fromkeys(weeks or self.weeks[:1], 2)
        return f.offer(self.session, self.campaign, host, seats, title, **fields)

    def wish(self, *numbers):
        f.wishes(self.session, self.lina, *(self.offers[n] for n in numbers))
        self.session.commit()


@pytest.fixture
def school_class(session):
    return Class(session)


@pytest.fixture
def lina(school_class, pages_as):
    return pages_as(school_class.as_lina)


@pytest.fixture
def samira(school_class, pages_as):
    return pages_as(school_class.as_guardian)


def text(page):
    return page.main.get_text(" ", strip=True).replace("\xa0", " ").replace("\u202f", " ")


def rows(page):
    return [row.h3.text for row in page.select("[data-wishes] li, .t-why li")]


def test_a_wish_whose_every_seat_is_now_kept_for_others_says_so(pages_as, school_class, session):
    plain = f.school(session, school_class.campaign.territory, Label.NONE)
    klass = f.school_class(session, school_class.campaign, plain, school_class.weeks[:1])
    pupil = f.pupil(session, klass)
    kept, other = school_class.offers[:2]
    for one in (pupil, school_class.lina):
        f.wishes(session, one, kept, other)
    kept.reserved_seats, kept.demand, other.demand = 2, 3, 1
    reader = f.pupil_member(session, pupil)
    head = f.head(session, plain)
    session.commit()
    page = pages_as(reader).get("/eleve/voeux")
    first, second = page.select("[data-wishes] li")
    assert "Toutes ses places sont maintenant gardées" in fr(first.text)
    assert "Plus possible" not in second.text
    assert "1 vœu n’est plus possible" in text(page)
    assert "Très demandée" not in text(page)
    on_behalf = pages_as(head).get(f"/college/eleves/{pupil.id}/voeux")
    assert text(on_behalf).count("Plus possible") == 1
    assert "Plus possible" not in text(pages_as(school_class.as_lina).get("/eleve/voeux"))


def test_a_class_without_a_week_is_not_told_to_loosen_filters(lina, school_class, session):
    school_class.klass.weeks = []
    session.commit()
    for address in ("/eleve/offres", "/eleve/offres/carte"):
        page = text(lina.get(address))
        assert "quand le collège aura choisi les semaines" in page
        assert "Moins de filtres" not in page


def test_the_catalogue_counts_what_is_hers(lina, school_class):
    school_class.offer("Trop tard", school_class.weeks[2:])
    school_class.session.commit()
    page = lina.get("/eleve/offres")
    assert "12 offres sont possibles pendant ta semaine de stage" in text(page)
    assert "Trop tard" not in page.text


def test_a_search_without_result_offers_the_nearest(lina):
    page = lina.get("/eleve/offres?q=menuiserie+xylophone")
    assert "0 offre trouvée" in text(page)
    assert "Les plus proches de ta recherche" in text(page)
    assert [card.h3.text for card in page.select("article")] == ["Menuiserie"]


@pytest.mark.parametrize("query", ["famille=nimporte", "km=abc", "semaine=99&page=zz", "tri=%00"])
def test_a_filter_that_does_not_exist_is_ignored(lina, query):
    assert "12 offres trouvées" in text(lina.get(f"/eleve/offres?{query}"))


def test_an_offer_is_added_from_its_card_and_the_filters_stay(lina):
    lina.get("/eleve/offres?q=menuiserie")
    page = lina.submit("Ajouter")
    assert "« Menuiserie » est maintenant le vœu 1." in text(page)
    assert lina.response.request.query_string == b"q=menuiserie"
    assert "Vœu 1" in page.select_one("article").text


def test_an_offer_is_added_where_she_wants(lina, school_class):
    school_class.wish(1, 2)
    lina.get(f"/eleve/offres/{school_class.offers[0].id}")
    page = lina.submit("Ajouter à mes vœux", rank="2")
    assert rows(page) == ["Théâtre", "Menuiserie", "Atelier 0"]


def test_wishes_move_and_go_without_script(lina, school_class):
    school_class.wish(0, 1, 2)
    lina.get("/eleve/voeux")
    page = lina.submit(fr("Descendre « Menuiserie » au rang 2"))
    assert rows(page) == ["Théâtre", "Menuiserie", "Atelier 0"]
    page = lina.submit(fr("Monter « Atelier 0 » au rang 2"))
    assert rows(page) == ["Théâtre", "Atelier 0", "Menuiserie"]
    page = lina.submit(fr("Retirer : Théâtre"))
    assert rows(page) == ["Atelier 0", "Menuiserie"]
    assert "Enregistré à 12 h" in text(page)
    first, last = page.select("[data-wishes] li")
    assert first.select_one("[value=up]").has_attr("disabled")
    assert last.select_one("[value=down]").has_attr("disabled")


def test_a_stale_tab_shows_both_lists_and_she_chooses(lina, school_class, pages_as):
    school_class.wish(0, 1, 2)
    lina.get("/eleve/voeux")
    guardian = pages_as(school_class.as_guardian)
    guardian.get(f"/eleve/{school_class.lina.id}/voeux")
    guardian.submit(fr("Retirer : Théâtre"))
    page = lina.submit(fr("Descendre « Menuiserie » au rang 2"), 409)
    assert page.h1.text == fr("Deux listes : laquelle garder ?")
    assert "par Samira Bernard" in text(page)
    saved, mine = page.select("ol.t-why")
    assert [h3.text for h3 in saved.select("h3")] == ["Menuiserie", "Atelier 0"]
    assert [h3.text for h3 in mine.select("h3")] == ["Théâtre", "Menuiserie", "Atelier 0"]
    page = lina.submit("Garder celle-là")
    assert rows(page) == ["Théâtre", "Menuiserie", "Atelier 0"]


def test_a_double_wish_says_so_and_keeps_the_list(lina, school_class):
    school_class.wish(0)
    page = lina.post(f"/eleve/offres/{school_class.offers[0].id}/ajouter", 409)
    assert "Cette offre est déjà le vœu 1 de la liste." in text(page)
    assert rows(page) == ["Menuiserie"]


def test_an_eleventh_wish_says_so(lina, school_class):
    school_class.wish(*range(10))
    page = lina.post(f"/eleve/offres/{school_class.offers[10].id}/ajouter", 409)
    assert "La liste compte déjà 10 vœux" in text(page)
    page = lina.get(f"/eleve/offres/{school_class.offers[10].id}")
    assert "Retirer un vœu fait de la place." in text(page)


def test_what_is_not_for_her_is_a_404(lina, school_class):
    late = school_class.offer("Trop tard", school_class.weeks[2:])
    draft = school_class.offer("Brouillon", state=OfferState.DRAFT)
    school_class.session.commit()
    for offer_id in (late.id, draft.id, 999_999):
        lina.get(f"/eleve/offres/{offer_id}", 404)
        lina.post(f"/eleve/offres/{offer_id}/ajouter", 404)


@pytest.mark.parametrize(
    "fields", [{}, {"version": "x"}, {"version": "0", "seen": "1;2"}, {"version": "0", "seen": ""}]
)
def test_a_form_that_was_tampered_with_is_refused(lina, school_class, fields):
    school_class.wish(0, 1)
    offer_id = school_class.offers[0].id
    lina.post(f"/eleve/voeux/{offer_id}/deplacer", 400, data={**fields, "direction": "down"})


def test_a_wish_moves_up_or_down_only(lina, school_class):
    school_class.wish(0, 1)
    offer_id = school_class.offers[0].id
    seen = ",".join(str(one.id) for one in school_class.offers[:2])
    fields = {"version": "0", "seen": seen, "direction": "sideways"}
    page = lina.post(f"/eleve/voeux/{offer_id}/deplacer", 400, data=fields)
    assert "Cette demande n’est pas complète" in text(page)


def test_after_the_deadline_the_list_only_reads(lina, school_class, clock):
    school_class.wish(0, 1)
    lina.get("/eleve/voeux")
    clock.move_to(WISHES_CLOSE)
    page = lina.submit(fr("Retirer : Menuiserie"), 409)
    assert "Les vœux sont clos depuis le vendredi 16 octobre 2026 à 18 h." in text(page)
    assert rows(page) == ["Menuiserie", "Théâtre"]
    assert not page.main.select("form")
    assert not lina.get("/eleve/offres").select("form[method=post][action$=ajouter]")


def test_narrow_limits_are_refused_in_place_and_stay_typed(lina, school_class):
    lina.get("/eleve/voeux")
    page = lina.submit("Enregistrer ce choix", 409, limit_km="5", families=["trading"])
    assert "il en faut au moins 8" in text(page)
    assert page.title.text.startswith("Erreur\xa0: Mes vœux")
    assert page.select_one("#limit_km option[selected]")["value"] == "5"
    assert [box["value"] for box in page.select("[name=families][checked]")] == ["trading"]


def test_limits_are_kept(lina, school_class):
    lina.get("/eleve/voeux")
    page = lina.submit("Enregistrer ce choix", limit_km="10")
    assert "Les limites sont enregistrées." in text(page)
    assert page.select_one("#limit_km option[selected]")["value"] == "10"


def test_a_stale_limit_keeps_what_was_typed(lina, school_class):
    lina.get("/eleve/voeux")
    form = lina.page
    lina.post(f"/eleve/offres/{school_class.offers[0].id}/ajouter")
    lina.page = form
    page = lina.submit("Enregistrer ce choix", 409, limit_km="20")
    assert "La liste a changé sur un autre écran." in text(page)
    assert page.select_one("#limit_km option[selected]")["value"] == "20"


def test_confirming_gives_a_receipt_to_print(lina, school_class):
    school_class.wish(0, 1)
    lina.get("/eleve/voeux")
    page = lina.submit("Confirmer ma liste")
    assert page.h1.text == "Reçu de ma liste"
    assert "Liste confirmée le jeudi 8 octobre 2026 à 12 h." in text(page)
    assert rows(page) == ["Menuiserie", "Théâtre"]
    assert "Liste confirmée" in text(lina.get("/eleve/voeux"))


def test_an_empty_list_cannot_be_confirmed(lina):
    page = lina.post("/eleve/voeux/confirmer", 409, version="0", seen="")
    assert "Il faut au moins un vœu" in text(page)


def test_another_familys_child_is_a_404_everywhere(lina, samira, school_class, app):
    noe = school_class.noe.id
    rules = [r for r in app.url_map.iter_rules() if r.endpoint.startswith("pupil.")]
    walked = 0
    for rule in rules:
        if "pupil_id" not in rule.arguments:
            continue
        url = rule.rule.replace("<int:pupil_id>", str(noe))
        url = url.replace("<int:offer_id>", str(school_class.offers[0].id))
        for visitor in (lina, samira):
            if "GET" in rule.methods:
                visitor.get(url, 404)
            else:
                visitor.post(url, 404, version="0", seen="", limit_km="15")
        walked += 1
    assert walked > 10


def test_a_guardian_changes_child_and_reads_vous(samira, school_class):
    page = samira.get("/eleve/voeux")
    assert page.h1.text == "Les vœux d’Adam"
    link = next(a for a in page.select("nav[aria-label='Mes enfants'] a") if a.text == "Lina")
    page = samira.get(link["href"])
    assert page.h1.text == "Les vœux de Lina"
    assert "Vous pouvez changer" in text(page)
    for address in ("offres", "resultat", "aide", "voeux/recu"):
        page = samira.get(f"/eleve/{school_class.lina.id}/{address}")
        words = set(text(page).lower().split())
        assert not words & {"tu", "ta", "tes", "toi", "ton"}, address


def test_a_guardians_links_stay_with_the_child(samira, school_class):
    page = samira.get(f"/eleve/{school_class.lina.id}/offres")
    inner = [
        a["href"] for a in page.select("main a, nav.t-nav a") if a["href"].startswith("/eleve")
    ]
    assert inner
    assert {href.split("/")[2] for href in inner} == {
        str(school_class.lina.id),
        str(school_class.adam.id),
    }


def test_a_guardian_acts_for_the_child_and_the_pupil_sees_who(samira, lina, school_class):
    samira.get(f"/eleve/{school_class.lina.id}/offres?q=menuiserie")
    samira.submit("Ajouter")
    page = lina.get("/eleve/voeux")
    assert rows(page) == ["Menuiserie"]
    assert "par Samira Bernard" in text(page)


def test_a_guardian_without_a_child_in_the_address_changes_nothing(samira, school_class):
    samira.post(f"/eleve/offres/{school_class.offers[0].id}/ajouter", 404)


def test_other_roles_are_kept_out(session, pages_as, school_class):
    for member in (
        f.head(session, school_class.klass.school),
        f.animator(session, school_class.campaign.territory),
    ):
        session.commit()
        pages_as(member).get("/eleve/voeux", 403)


def test_before_publication_the_result_says_only_when(lina, school_class, session):
    for state in (RoundState.WISHES_OPEN, RoundState.WISHES_CLOSED, RoundState.REVIEW):
        school_class.round.state = state
        session.commit()
        page = lina.get("/eleve/resultat")
        assert "Il arrive le vendredi 6 novembre 2026 à 12 h" in text(page)
        assert "place" not in text(page).lower().replace("places", "")


def test_help_tells_the_dates(lina):
    page = lina.get("/eleve/aide")
    assert "au vendredi 16 octobre 2026 à 18 h" in text(page)


@pytest.fixture
def season(session, sessions):
    return Season(session).review(sessions)


def visits(session, season, pages_as):
    members = [f.pupil_member(session, pupil) for pupil in season.pupils]
    session.commit()
    return [pages_as(member) for member in members]


def test_nothing_shows_before_the_publication(session, season, pages_as, clock):
    clock.move_to(PUBLISH_AT - timedelta(hours=1))
    for visitor in visits(session, season, pages_as):
        assert visitor.get("/eleve/resultat").h1.text == "Ton résultat"


def test_after_publication_each_reads_the_place_the_reason_and_the_law(
    session, season, pages_as, clock
):
    publish(session, season.round.id, by=season.by, now=PUBLISH_AT)
    clock.move_to(PUBLISH_AT)
    pages = [v.get("/eleve/resultat") for v in visits(session, season, pages_as)]
    titles = [page.h1.text.split(",")[0] for page in pages]
    assert titles.count("Tu as une place") == 5
    assert titles.count("Pas encore de place") == 2
    for page, title in zip(pages, titles, strict=True):
        told = text(page)
        for item in ("traitement algorithmique", "Il sert à attribuer", "lire la règle", "CADA"):
            assert item in told
        if title == "Tu as une place":
            assert "3 rue du Port, 44000 Nantes" in told
            assert "Du 7 au 11 décembre 2026" in told
            assert "Pourquoi cette place ?" in told
            assert "Ton collège prépare la convention." in told
        assert not any(other.last_name in told for other in season.pupils)


def test_the_result_says_what_to_do_before_why_and_hides_lesser_wishes(
    session, season, pages_as, clock
):
    publish(session, season.round.id, by=season.by, now=PUBLISH_AT)
    clock.move_to(PUBLISH_AT)
    pages = [v.get("/eleve/resultat") for v in visits(session, season, pages_as)]
    first = next(page for page in pages if "C’est ton vœu 1." in text(page))
    order = ["Menuiserie", "Et maintenant ?", "Pourquoi cette place ?", "Une décision prise"]
    places = [text(first).index(words) for words in order]
    assert places == sorted(places)
    assert len(first.select(".t-why li")) == 1
    (folded,) = (one for one in first.select("details") if "autres vœux" in one.text)
    assert not folded.has_attr("open")
    assert "Mairie" in folded.text

    second = next(page for page in pages if "C’est ton vœu 2." in text(page))
    assert len(second.select(".t-why li")) == 2
    assert "autres vœux" not in second.text
    assert "avant le lundi 16 novembre 2026" in text(second)


def test_a_guardian_reads_the_result_of_the_child(session, season, pages_as, clock):
    publish(session, season.round.id, by=season.by, now=PUBLISH_AT)
    clock.move_to(PUBLISH_AT)
    member = f.member(session, Role.GUARDIAN, guardian=season.guardian)
    session.commit()
    page = pages_as(member).get(f"/eleve/{season.pupils[0].id}/resultat")
    assert page.h1.text == "Élève0 a une place"
    assert not set(text(page).lower().split()) & {"tu", "ta", "tes", "toi", "ton"}


def test_the_pages_of_a_family_take_few_queries(lina, school_class, sessions):
    school_class.wish(*range(10))
    counts = {}
    for url in ("/eleve/offres", "/eleve/voeux", "/eleve/voeux/recu", "/eleve/resultat"):
        with counted(sessions) as seen:
            lina.get(url)
        counts[url] = sum(s.startswith("SELECT") for s in seen)
    assert max(counts.values()) <= 23, counts
