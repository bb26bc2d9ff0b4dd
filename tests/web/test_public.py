"""What anyone may read: the welcome, the rule of the campaign, the law, help."""

import json
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest

import web
from models import CampaignState, Label, OfferKind, RoundState
from tests import factories as f
from web.measured_moves import measured_moves
from web.timeline import steps_of
from web.worked_example import example_of

PAGES = ("/", "/regles", "/donnees-personnelles", "/accessibilite", "/mentions-legales", "/aide")


@pytest.fixture
def campaign(session):
    made = f.campaign(session)
    first, second, _ = f.weeks_of(session, made)
    f.offer(session, made, f.host(session, made.territory), {first: 3, second: 2}, total_seats=4)
    f.offer(session, made, f.host(session, made.territory, "Théâtre"), {first: 6})
    session.commit()
    return made


@pytest.mark.parametrize("url", PAGES)
def test_every_public_page_opens_with_or_without_a_campaign(pages, session, url):
    pages.get(url)
    f.campaign(session)
    session.commit()
    pages.get(url)


def test_home_shows_the_campaign_as_it_stands(pages, campaign):
    page = pages.get("/")
    now = page.select_one(".t-time [aria-current=step]").get_text(" ")
    assert "Les élèves classent leurs vœux" in now
    assert "jusqu’au vendredi 16\u00a0octobre 2026 à 18\u00a0h" in now
    assert "10\u00a0places, 2\u00a0structures" in page.select_one(".t-time").text


def test_home_leads_everyone_to_a_door(pages):
    doors = [link["href"] for link in pages.get("/").select(".t-door a")]
    assert len(doors) == 4
    for door in doors:
        pages.get(door)


@pytest.mark.parametrize(
    ("state", "round_state", "moment", "reached"),
    [
        (CampaignState.OFFERS_OPEN, RoundState.PLANNED, datetime(2026, 9, 10, tzinfo=UTC), 0),
        (CampaignState.RUNNING, RoundState.PLANNED, datetime(2026, 10, 3, tzinfo=UTC), 1),
        (CampaignState.RUNNING, RoundState.WISHES_OPEN, f.WISHES_TIME, 1),
        (CampaignState.RUNNING, RoundState.REVIEW, f.RUN_AT, 2),
        (CampaignState.RUNNING, RoundState.PUBLISHED, f.PUBLISH_AT, 3),
        (CampaignState.RUNNING, RoundState.ANSWERS_CLOSED, datetime(2026, 12, 8, tzinfo=UTC), 4),
        (CampaignState.CLOSED, RoundState.ANSWERS_CLOSED, datetime(2027, 6, 1, tzinfo=UTC), 5),
    ],
)
def test_the_timeline_follows_the_campaign(session, state, round_state, moment, reached):
    made = f.campaign(session, state=state, round_state=round_state)
    states = [step.state for step in steps_of(made, moment, seats=0, hosts=0)]
    assert states == ["done"] * reached + ["now"] * (reached < 5) + [""] * (4 - reached)


def test_the_rule_is_the_one_of_the_campaign(pages, session, campaign):
    titles = [h3.text for h3 in pages.get("/regles").select(".t-why h3")]
    assert titles == [
        "Le plus possible d’élèves placés",
        "Le tirage, s’il manque des places",
        "Des vœux le plus haut possible",
        "Le moins de trajet",
        "Un second tirage",
    ]
    campaign.policy = "most_first_wishes"
    session.commit()
    titles = [h3.text for h3 in pages.get("/regles").select(".t-why h3")]
    assert titles[:2] == ["Le plus possible d’élèves placés", "Le plus possible de premiers vœux"]


@pytest.mark.parametrize(
    "policy",
    ["priority", "best_ranks", "most_first_wishes", "nobody_last", "order_of_priority"],
)
def test_every_rule_can_be_published(pages, session, campaign, policy):
    campaign.policy = policy
    session.commit()
    page = pages.get("/regles")
    assert page.select(".t-why h3")
    assert "QPV" not in page.main.text


def test_the_example_is_what_the_engine_gives():
    given = {line.name: (line.label, line.given, line.rank) for line in example_of("priority")}
    assert given == {
        "Ana": (Label.REP_PLUS, "Menuiserie", 1),
        "Brice": (Label.REP, "Théâtre", 2),
        "Célia": (Label.NONE, "Vélos", 1),
    }


def test_groups_are_said_where_there_are_some(pages, session, campaign):
    assert "stages en groupe" not in pages.get("/regles").main.text
    week = f.weeks_of(session, campaign)[0]
    host = f.host(session, campaign.territory, "Caserne")
    f.offer(session, campaign, host, {week: 6}, kind=OfferKind.GROUP, min_group=4)
    session.commit()
    assert "stages en groupe" in pages.get("/regles").main.text


def test_the_secret_of_the_draw_is_shown_only_after_publication(pages, session, campaign):
    turn = campaign.current_round
    text = pages.get("/regles").main.text
    assert "1111 1111" in text
    assert turn.secret not in text
    turn.state = RoundState.PUBLISHED
    turn.published_at = f.PUBLISH_AT
    session.commit()
    assert turn.secret in pages.get("/regles").main.text


def test_the_command_that_draws_again_is_pasted_as_it_is(pages, session, campaign):
    turn = campaign.current_round
    assert "La commande sera écrite ici avec les résultats" in pages.get("/regles").main.text
    turn.public_value_name, turn.public_value = "Le Loto du 17", "4 : 12 ! l'as"
    turn.state, turn.published_at = RoundState.PUBLISHED, f.PUBLISH_AT
    session.commit()
    codes = [one.text for one in pages.get("/regles").main.select("code")]
    (command,) = (shlex.split(one) for one in codes if "matching draw" in one)
    assert command[4:] == [
        "CALCUL.npz",
        *("--secret", turn.secret),
        *("--value", "4 : 12 ! l'as"),
        *("--commitment", turn.commitment),
    ]
    turn.public_value_name, turn.public_value = "", None
    session.commit()
    assert "--value" not in pages.get("/regles").main.text


def test_the_rule_names_the_four_rights(pages, campaign):
    rights = pages.get("/regles").find(id="droits").parent.text
    for words in ("traitement algorithmique", "attribuer les places", "obtenir les règles", "CADA"):
        assert words in rights


def test_the_operator_is_named_and_what_is_missing_is_said(pages, app):
    text = pages.get("/mentions-legales").main.text
    assert app.config["SETTINGS"].operator in text
    assert "À compléter par l’éditeur" in text


def test_accessibility_claims_nothing_that_was_not_audited(pages):
    page = pages.get("/accessibilite")
    assert "non conforme" in page.main.text
    assert "Accessibilité\u00a0: non conforme" in page.footer.text


def test_health_answers_without_details(pages):
    answer = pages.get("/sante")
    assert json.loads(answer.text) == {"status": "ok"}


def test_what_does_not_exist_says_so_and_leads_home(pages):
    page = pages.get("/nulle-part", status=404)
    assert page.h1.text == "Cette page n’existe pas"
    assert page.select_one('main a[href="/"]')


def test_a_signed_in_person_can_leave_from_any_public_page(pages_as, session, campaign):
    school = f.school(session, campaign.territory)
    member = f.head(session, school)
    session.commit()
    page = pages_as(member).get("/regles")
    assert page.select_one("header form button").text == "Quitter"
    assert page.select_one('header a[href="/compte/"], header a[href="/compte"]')


def test_nothing_leaves_the_server(pages):
    pages.get("/")
    policy = pages.response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    for link in pages.page.select("link[href], script[src]"):
        source = link.get("href") or link.get("src")
        with pages.client.get(source) as answer:
            assert answer.status_code == 200


MEASURED = json.loads((Path(web.__file__).parent / "data" / "gaming.json").read_text("utf-8"))


@pytest.mark.parametrize("policy", MEASURED["policies"])
def test_the_page_quotes_what_the_bench_measured(pages, session, campaign, policy):
    campaign.policy = policy
    session.commit()
    page = pages.get("/regles")
    rows = [
        [cell.get_text(" ", strip=True) for cell in row.select("td")]
        for row in page.find(id="ruses-detail").parent.select("tbody tr")
    ]
    labels = {0: "REP+", 1: "REP", 3: "Autre"}
    groups = [g for g in MEASURED["policies"][policy] if g["sampled"]]
    assert [[row[0], *map(int, row[3:])] for row in rows] == [
        [labels[group["tier"]], group["sampled"], *group["moves"][move]]
        for group in groups
        for move in group["moves"]
    ]
    for row, move in zip(
        page.find(id="ruses").parent.select("tbody tr"), groups[0]["moves"], strict=True
    ):
        shares = [
            sum(g["pupils"] * g["moves"][move][side] / g["sampled"] for g in groups)
            / sum(g["pupils"] for g in groups)
            for side in (0, 1)
        ]
        said = [cell.text for cell in row.select("td")]
        assert said == ["moins de 1" if 0 < s < 0.01 else f"{100 * s:.0f}" for s in shares]
    text = page.find(id="mesures").find_next("p").text
    assert "1\u202f000" in text
    assert "25\xa0novembre 2026" in text


def test_a_rule_that_was_not_measured_says_nothing_of_it(pages, session, campaign):
    campaign.policy = "no_priority"
    session.commit()
    assert pages.get("/regles").find(id="mesures") is None


def test_the_measures_say_where_playing_would_have_paid():
    priority = measured_moves("priority")
    assert priority.tempting[0][1].better >= priority.tempting[-1][1].better >= 5
    assert any(words.startswith("Garder son premier vœu") for words, _ in priority.tempting)
    in_turn = measured_moves("order_of_priority")
    assert in_turn.tempting == []
    assert in_turn.bad_bets == len(in_turn.lines)
    assert priority.short_loses
    assert not measured_moves("nobody_last").short_loses
    assert measured_moves("no_priority") is None
