"""Templates are written plainly; pages are read with French typography."""

import pytest
from jinja2 import Environment
from markupsafe import Markup

from web.typography import FrenchTypography, french_value

WIDE, NARROW = "\u00a0", "\u202f"


@pytest.fixture(scope="module")
def env():
    made = Environment(autoescape=True, extensions=[FrenchTypography])
    made.finalize = french_value
    return made


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ("Pourquoi ?", f"Pourquoi{NARROW}?"),
        ("Non ; si !", f"Non{NARROW}; si{NARROW}!"),
        ("Place : 1", f"Place{WIDE}: 1"),
        ("« ici »", f"«{WIDE}ici{WIDE}»"),
        ("l'offre", "l’offre"),
        ("à 18 h 30", f"à 18{WIDE}h{WIDE}30"),
        ("84 % à 3 km", f"84{WIDE}% à 3{WIDE}km"),
        ("{{ 'Place : 1' }}", f"Place{WIDE}: 1"),
        ("{{ name }} ?", f"Lina{NARROW}?"),
        ("« {{ name }} »", f"«{WIDE}Lina{WIDE}»"),
        ("{{ typed }}", f"C’est où{NARROW}?"),
    ],
)
def test_what_is_written_and_what_is_read(env, source, read):
    assert env.from_string(source).render(name="Lina", typed="C'est où ?") == read


@pytest.mark.parametrize(
    "source",
    [
        '<a href="/offres?page=2&amp;km=15">2</a>',
        '<svg viewBox="0 0 24 24"><path d="M4 20h4L19 9l-4-4L4 16z"/></svg>',
        "<!-- ici -->",
        "12:30 et https://exemple.fr",
        "{% if a %}x{% endif %}",
    ],
)
def test_code_is_left_alone(env, source):
    assert env.from_string(source).render(a=True) in (source, "x")


def test_markup_is_left_alone_and_nothing_is_printed_as_nothing(env):
    template = env.from_string("{{ html }}|{{ nothing }}|{{ number }}")
    assert template.render(html=Markup("<b>a ?</b>"), nothing=None, number=0) == "<b>a ?</b>||0"


def test_what_people_typed_is_still_escaped(env):
    assert env.from_string("{{ typed }}").render(typed="<b>") == "&lt;b&gt;"
