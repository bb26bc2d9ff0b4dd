"""What the pieces of pages promise to those who cannot see, click or tell colours apart."""

import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from bs4 import BeautifulSoup
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField

from models import Label
from tests.factories import WISHES_TIME
from web.forms import checks
from web.forms.base import BaseForm, CheckboxesField, DateParts, required

TEMPLATES = Path(__file__).parents[2] / "web/templates"


@pytest.fixture
def draw(app):
    """Draw a piece of template and read it."""

    def drawn(source, path="/", **values):
        with app.test_request_context(path):
            app.preprocess_request()
            html = app.jinja_env.from_string(source).render(**values)
        return BeautifulSoup(html, "html.parser")

    return drawn


class Sample(BaseForm):
    name = StringField("Prénom", [required("le prénom de l’élève")])
    email = StringField("Courriel", [checks.email])
    born = DateParts("Date de naissance", [required("la date")], birthday=True)
    klass = SelectField("Classe", choices={"a": "3e A"})
    kind = RadioField("Genre", [required("le genre")], choices={"a": "Seul", "b": "En groupe"})
    families = CheckboxesField("Familles", choices={"a": "Bâtir", "b": "Soigner"})
    about = TextAreaField("Activité")
    agree = BooleanField("Je confirme", [required("votre accord")])


@pytest.fixture
def form(app):
    """A form sent back with mistakes."""
    with app.test_request_context(method="POST"):
        date = {"born-day": "31", "born-month": "2", "born-year": "12"}
        sent = MultiDict({"email": "gwen@", "klass": "a", **date})
        made = Sample(sent, meta={"csrf": False})
        made.validate()
    return made


FIELD = '{% from "components/field.html" import field %}'


def ties(control, page):
    """The texts that a screen reader reads with this control."""
    return [page.find(id=one).get_text(strip=True) for one in control["aria-describedby"].split()]


def test_a_field_reads_its_hint_then_its_error(draw, form):
    page = draw(FIELD + "{{ field(form.name, hint='Tel qu’au collège') }}", form=form)
    control = page.input
    assert page.select_one("label[for=name]").get_text(strip=True) == "Prénom"
    assert ties(control, page) == ["Tel qu’au collège", "Indiquez le prénom de l’élève."]
    assert control["aria-invalid"] == "true"
    assert control.has_attr("required")


def test_only_what_may_stay_empty_is_marked(draw, form):
    text = draw(FIELD + "{% for f in form %}{{ field(f) }}{% endfor %}", form=form).get_text()
    assert text.count("(facultatif)") == 2
    assert re.search(r"Courriel\s+\(facultatif\)", text)
    assert re.search(r"Activité\s+\(facultatif\)", text)


def test_a_date_is_three_named_boxes_that_keep_what_was_typed(draw, form):
    page = draw(FIELD + "{{ field(form.born, hint='Par exemple 27 3 2012') }}", form=form)
    assert page.fieldset.legend.get_text(strip=True) == "Date de naissance"
    assert [label.text for label in page.select("label")] == ["Jour", "Mois", "Année"]
    assert [box["value"] for box in page.select("input")] == ["31", "2", "12"]
    assert [box["autocomplete"] for box in page.select("input")] == [
        "bday-day",
        "bday-month",
        "bday-year",
    ]
    for box in page.select("input"):
        assert "L’année s’écrit avec quatre chiffres." in ties(box, page)


@pytest.mark.parametrize("name", ["kind", "families"])
def test_choices_are_a_group_with_a_legend(draw, form, name):
    page = draw(FIELD + "{{ field(form[name]) }}", form=form, name=name)
    assert page.fieldset.legend
    for choice in page.select("input"):
        assert page.select_one(f"label[for={choice['id']}]").text


def test_a_box_to_tick_has_its_label_after_it(draw, form):
    page = draw(FIELD + "{{ field(form.agree, hint='Une fois par an') }}", form=form)
    assert page.select_one("label[for=agree]").text == "Je confirme"
    assert "Une fois par an" in ties(page.input, page)


def test_the_summary_of_mistakes_leads_to_each_field(draw, form):
    source = (
        '{% from "components/note.html" import error_summary %}{{ error_summary(form) }}'
        + FIELD
        + "{% for f in form %}{{ field(f) }}{% endfor %}"
    )
    page = draw(source, form=form)
    summary = page.select_one("[role=alert]")
    assert summary.h2.get_text(strip=True) == "Il y a 5\u00a0erreurs"
    for link in summary.select("a"):
        assert page.find(id=link["href"][1:]).name == "input"


def test_no_mistake_no_summary(draw, app):
    with app.test_request_context():
        form = Sample(None, meta={"csrf": False})
    source = '{% from "components/note.html" import error_summary %}{{ error_summary(form) }}'
    assert not draw(source, form=form).select("div")


def test_a_button_of_one_act_posts_with_its_token_and_names_its_object(draw):
    page = draw(
        '{% from "components/button.html" import post_button %}'
        '{{ post_button("Retirer", "/x", about="Menuiserie", fields={"version": 3}) }}'
    )
    assert page.form["method"] == "post"
    assert page.select_one("[name=csrf_token]")["value"]
    assert page.select_one("[name=version]")["value"] == "3"
    assert page.button.get_text() == "Retirer\u00a0: Menuiserie"


def test_wishes_can_be_moved_except_past_the_ends(draw):
    page = draw(
        '{% from "components/wishes.html" import wishes, wish %}'
        '{% call wishes() %}{{ wish(1, "A", move="/m", remove="/r") }}'
        '{{ wish(2, "B", move="/m", remove="/r", last=true) }}{% endcall %}'
    )
    arrows = page.select(".t-moves button")
    assert [arrow.has_attr("disabled") for arrow in arrows] == [True, False, False, True]
    assert arrows[2]["aria-label"] == "Monter «\u00a0B\u00a0» au rang 1"
    assert arrows[1]["aria-label"] == "Descendre «\u00a0A\u00a0» au rang 2"


def test_a_closed_list_of_wishes_has_no_button(draw):
    page = draw('{% from "components/wishes.html" import wish %}{{ wish(1, "A", "/a") }}')
    assert not page.select("form, button")


def test_labels_differ_by_shape_and_word(draw):
    source = '{% from "components/label.html" import label %}{{ label(tier) }}'
    pages = [draw(source, tier=tier) for tier in Label]
    assert [page.text for page in pages] == ["REP+", "REP", "Autres"]
    assert len({page.span["class"][-1] for page in pages}) == 3


def test_a_bar_is_written_beside_and_hidden_from_readers(draw):
    rows = [
        {"label": Label.REP, "part": 1, "whole": 3},
        {"label": Label.NONE, "part": 0, "whole": 0},
    ]
    page = draw(
        '{% from "components/plot.html" import bars %}{{ bars("Listes confirmées", rows) }}',
        rows=rows,
    )
    assert page.figcaption.text == "Listes confirmées"
    assert "33\u00a0%, 1 sur 3" in page.text
    assert "–, 0 sur 0" in page.text
    assert all(svg["aria-hidden"] == "true" for svg in page.select("svg"))


def test_a_deadline_says_the_date_and_what_is_left(draw):
    source = '{% from "components/deadline.html" import deadline %}{{ deadline(until, now) }}'
    page = draw(source, until=WISHES_TIME + timedelta(days=6), now=WISHES_TIME)
    assert "mercredi 14\u00a0octobre à 12\u00a0h" in page.text
    assert "Il reste 6\u00a0jours." in page.text
    past = draw(source, until=WISHES_TIME, now=WISHES_TIME)
    assert "Il reste" not in past.text


def test_pages_of_a_list_keep_its_filters(draw):
    source = (
        '{% from "components/pagination.html" import pagination %}{{ pagination(page, pages) }}'
    )
    page = draw(source, "/aide?mots=bois&page=2", page=2, pages=9)
    assert page.select_one("[aria-current=page]").text == "2"
    links = {link.text: link["href"] for link in page.select("a")}
    assert links["Suivante"] == "/aide?mots=bois&page=3"
    assert links["Précédente"] == "/aide?mots=bois&page=1"
    assert not draw(source, "/aide", page=1, pages=1).select("nav")


def test_steps_and_timelines_say_where_one_is(draw):
    page = draw('{% from "components/steps.html" import steps %}{{ steps(["Un", "Deux"], 2) }}')
    assert page.select_one("[aria-current=step]").text == "Étape 2, Deux\u00a0: en cours"
    assert "Étape 2 sur 2" in page.text
    items = [SimpleNamespace(title="Vœux", lines=["jusqu’au 16"], state="now")]
    page = draw(
        '{% from "components/timeline.html" import timeline %}{{ timeline(items) }}', items=items
    )
    assert page.select_one("[aria-current=step]").strong.text == "Vœux"


def test_a_table_of_people_keeps_its_roles_when_it_becomes_blocks(draw):
    page = draw(
        '{% from "components/table.html" import cell, people_table, row, row_head %}'
        '{% call people_table("Élèves", ["Élève", ("Vœux", "n")]) %}'
        '{% call row() %}{{ row_head("Lina B.") }}{{ cell(0, th="Vœux", n=true) }}{% endcall %}'
        "{% endcall %}"
    )
    roles = [tag["role"] for tag in page.select("tbody [role]")]
    assert roles == ["row", "rowheader", "cell"]
    assert page.td.text == "0"
    assert page.td["data-th"] == "Vœux"


def test_every_icon_that_templates_name_is_drawn():
    shapes = set(
        re.findall(r'^  "(\w+)": ', (TEMPLATES / "components/icon.html").read_text(), re.M)
    )
    for path in TEMPLATES.rglob("*.html"):
        named = re.findall(r'icon(?:=|\()"(\w+)"', path.read_text())
        assert set(named) <= shapes, f"{path.name}: {set(named) - shapes}"


def test_the_page_of_a_failure_needs_no_database(app):
    with app.test_request_context():
        html = app.jinja_env.get_template("errors/500.html").render()
    assert BeautifulSoup(html, "html.parser").h1.text == "Une panne de notre côté"
