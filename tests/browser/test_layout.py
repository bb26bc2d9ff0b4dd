"""The frame of every page, in a real browser: keyboard, double clicks, phones, the dark."""

import pytest

from models import Role
from tests import factories as f
from tests.browser.audit import audit

PUBLIC = ("/", "/regles", "/donnees-personnelles", "/accessibilite", "/mentions-legales", "/aide")


@pytest.fixture
def campaign(session):
    made = f.campaign(session)
    f.offer(session, made, f.host(session, made.territory), {f.weeks_of(session, made)[0]: 3})
    session.commit()
    return made


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", ["phone", "desk"])
def test_public_pages_stand(visit, campaign, size, dark):
    page = visit(size, dark=dark)
    for path in PUBLIC:
        audit(page, path)


def test_the_first_tab_leads_to_the_content(visit, campaign):
    page = visit()
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Aller au contenu"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "contenu"


def test_two_clicks_post_once_and_coming_back_frees_the_form(visit, campaign):
    page = visit()
    page.goto("/compte/connexion")
    posted = []
    page.on("request", lambda asked: posted.append(asked.url) if asked.method == "POST" else None)
    with page.expect_navigation():
        page.evaluate(
            "() => { const b = document.querySelector('main form[method=post] button');"
            " b.click(); b.click(); }"
        )
    assert len(posted) == 1
    page.go_back()
    assert page.locator("form[data-sent]").count() == 0


def test_after_a_mistake_the_summary_has_the_focus(visit, campaign):
    page = visit()
    page.goto("/compte/connexion")
    page.locator("main form[method=post] button").first.click()
    page.wait_for_selector("[data-errors]:focus")
    assert page.title().startswith("Erreur")
    page.locator("[data-errors] a").first.click()
    assert page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"


def test_the_open_page_of_a_long_menu_is_in_sight(visit, session, campaign):
    member = f.member(session, Role.ANIMATOR, territory=campaign.territory)
    session.commit()
    page = visit("phone", member)
    page.goto("/animation/")
    last = page.locator(".t-nav a").last
    page.goto(last.get_attribute("href"))
    page.wait_for_function("document.documentElement.classList.contains('js')")
    box = page.locator(".t-nav [aria-current=page]").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 361


def test_pages_read_well_without_script(visit, campaign):
    page = visit(script=False)
    page.goto("/regles")
    assert page.locator(".t-grip").count() == 0
    assert page.locator("h1").inner_text() == "Comment les stages sont attribués"
