"""The audit that every page test goes through sees each fault it promises to see."""

import pytest

from tests.web.pages import audited


class Answer:
    status_code, status = 200, "200 OK"

    def __init__(self, main, title="Élèves – Tremplin 3e", lang="fr"):
        self.text = (
            f'<html lang="{lang}"><head><title>{title}</title></head>'
            f"<body><main>{main}</main></body></html>"
        )


HEAD = "<h1>Élèves</h1>"
FAULTS = [
    ("<h1>Élèves</h1><h1>Élèves</h1>", "one h1"),
    ("<p>Élèves</p>", "one h1"),
    ("<h1> </h1>", "empty h1"),
    ("<h1>Offres</h1>", "title"),
    (HEAD + "<input id=a>", "no label"),
    (HEAD + "<select></select>", "no label"),
    (HEAD + "<a href=/x><svg aria-hidden=true></svg></a>", "no name"),
    (HEAD + "<button></button>", "no name"),
    (HEAD + "<p id=a></p><p id=a></p>", "duplicate"),
    (HEAD + '<p aria-describedby="x"></p>', "dangling aria-describedby"),
    (HEAD + '<p aria-labelledby="x"></p>', "dangling aria-labelledby"),
    (HEAD + '<p aria-controls="x"></p>', "dangling aria-controls"),
    (HEAD + "<label for=x>Nom</label>", "dangling label"),
    (HEAD + '<a href="#x">Voir</a>', "dangling link"),
    (HEAD + "<form method=post></form>", "where it goes"),
    (HEAD + "<form method=post action=/></form>", "its token"),
    (HEAD + "<form><form></form></form>", "inside a form"),
    (HEAD + "<table><tr><td>1</td></tr></table>", "caption"),
    (HEAD + "<table><caption>A</caption><tr><th>1</th></tr></table>", "scope"),
    (HEAD + "<img src=/a.png>", "alt"),
    (HEAD + "<svg></svg>", "hidden or named"),
    (HEAD + '<p style="color:red">', "inline style"),
    (HEAD + '<p onclick="x()">', "inline handler"),
    (HEAD + "<style>p{}</style>", "style sheet"),
    (HEAD + "<script src=/a.js></script>", "nonce"),
    (HEAD + '<img alt="" src=https://ailleurs.example/a.png>', "another host"),
    (HEAD + "<p>l'offre</p>", "straight apostrophe"),
    (HEAD + "<p>Valider?</p>", "no space"),
    (HEAD + "<p>Valider ?</p>", "plain space"),
    (HEAD + "<p>Place : 1</p>", "plain space"),
    (HEAD + "<p>Place: 1</p>", "no space"),
    (HEAD + "<p>« ici\u00a0»</p>", "plain space"),
    (HEAD + "<p>«\u00a0ici »</p>", "plain space"),
]


@pytest.mark.parametrize(("main", "fault"), FAULTS)
def test_the_audit_sees(main, fault):
    with pytest.raises(AssertionError, match=fault):
        audited(Answer(main))


def test_the_audit_sees_another_language_or_status():
    with pytest.raises(AssertionError, match="lang"):
        audited(Answer(HEAD, lang="en"))
    with pytest.raises(AssertionError, match="200"):
        audited(Answer(HEAD), 404)


def test_the_audit_lets_a_good_page_pass():
    page = audited(
        Answer(
            HEAD
            + "<form method=post action=/x><input type=hidden name=csrf_token value=a>"
            + "<label for=n>Nom\u00a0:</label><input id=n aria-describedby=h><p id=h>Qui\u202f?</p>"
            + "<label>Oui <input type=checkbox></label><button>Aller</button></form>"
            + "<p>Le «\u00a0mot\u00a0», à 18\u00a0h\u00a030. <code>a ? b : c'd</code></p>"
            + '<table><caption>A</caption><tr><th scope="row">1</th></tr></table>'
            + "<svg aria-hidden=true><svg></svg></svg>",
            title="Erreur\u00a0: Élèves – Tremplin 3e",
        )
    )
    assert page.h1.text == "Élèves"
