"""A test client that reads every page as a demanding visitor would."""

import re
from collections import Counter
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, NavigableString, Tag
from itsdangerous import URLSafeTimedSerializer

from models import account_with_memberships
from web.accounts import session_key

NO_BREAK = "\u00a0\u202f"
PLAIN_SPACE = re.compile(rf"[ \n\t]+[?!;»]|[ \n\t]+:(?![\w/])|«(?![{NO_BREAK}])")
NO_SPACE = re.compile(r"[\w)»][?!;:](?=\s|$)|\w»")
STRAIGHT = re.compile(r"[^\W\d_]'[^\W\d_]")
BLOCKS = {
    *("p", "li", "td", "th", "dt", "dd", "caption", "legend", "option", "div"),
    *("h1", "h2", "h3", "h4"),
}
NO_PROSE = {"code", "pre", "textarea", "script"}
END_OF_TIME = 4102444800
TIES = {"aria-describedby", "aria-labelledby", "aria-controls", "aria-owns", "list"}
ASSETS = {"link": "href", "script": "src", "img": "src", "iframe": "src", "use": "href"}


def signed_in(app, membership):
    """What the cookie of somebody who signed in holds; it stays good however time passes."""
    with app.extensions["db"].reading() as session:
        account = session.scalar(account_with_memberships(membership.account_id))
        key = session_key(session, account)
    return {
        "_user_id": str(membership.account_id),
        "_fresh": True,
        "membership": membership.id,
        "key": key,
        "seen": END_OF_TIME,
        "since": END_OF_TIME,
    }


class Pages:
    """Visits pages and audits each one; forms are sent with their token, redirects followed."""

    def __init__(self, client):
        self.client = client
        self.response = None
        self.page = None

    def get(self, url, status=200):
        """Open an address; the page read, or the response itself when it is a file."""
        return self._arrive(self.client.get(url, follow_redirects=True), status)

    def post(self, url, status=200, data=None, **fields):
        """Send fields (`data` for names that Python refuses) and read what comes back."""
        sent = {"csrf_token": self._token(), **(data or {}), **fields}
        return self._arrive(self.client.post(url, data=sent, follow_redirects=True), status)

    def submit(self, button, status=200, data=None, **fields):
        """Press the button of this text on the open page, its form filled with these fields."""
        pressed = next(
            (b for b in self.page.select("button") if button in (b.text, b.get("aria-label", ""))),
            None,
        ) or next(b for b in self.page.select("button") if button in b.text)
        assert not pressed.has_attr("disabled"), f"« {button} » cannot be pressed"
        form = pressed.find_parent("form")
        sent = {**_filled(form), **(data or {}), **fields}
        if pressed.get("name"):
            sent.setdefault(pressed["name"], pressed.get("value", ""))
        if form.get("method", "get") == "post":
            return self.post(form["action"], status, data=sent)
        response = self.client.get(form["action"], query_string=sent, follow_redirects=True)
        return self._arrive(response, status)

    def _arrive(self, response, status):
        self.response = response
        if response.mimetype != "text/html":
            assert response.status_code == status, response.status
            return response
        self.page = audited(response, status)
        return self.page

    def _token(self):
        """The token of the visitor's forms, as any page would carry it."""
        with self.client.session_transaction() as cookie:
            raw = cookie.setdefault("csrf_token", "0" * 40)
        key = self.client.application.secret_key
        return URLSafeTimedSerializer(key, salt="wtf-csrf-token").dumps(raw)


def _filled(form):
    """What a browser would send of this form as it stands."""
    sent = {}
    for control in form.select("input[name], textarea[name], select[name]"):
        if control.get("type") in ("checkbox", "radio") and not control.has_attr("checked"):
            continue
        if control.name == "select":
            options = control.select("option[selected]") or control.select("option")[:1]
            values = [o.get("value", o.text) for o in options]
        else:
            values = [control.text if control.name == "textarea" else control.get("value", "on")]
        sent.setdefault(control["name"], []).extend(values)
    return sent


def audited(response, status=200):
    """Read a page and refuse what a demanding visitor would not forgive."""
    assert response.status_code == status, response.status
    page = BeautifulSoup(response.text, "html.parser")
    for check in (_heading, _forms, _tables, _drawings, _typography):
        check(page)
    tags = page.find_all(True)  # one walk for what looks at each tag: selectors walk anew
    for check in (_names, _ties, _policy):
        check(page, tags)
    return page


def _flat(text):
    return " ".join(text.split())


def _heading(page):
    assert page.html.get("lang") == "fr", "lang is fr"
    headings = page.select("h1")
    assert len(headings) == 1, f"one h1 a page, not {len(headings)}"
    title, h1 = _flat(page.title.text), _flat(headings[0].text)
    assert h1, "an empty h1"
    assert title.removeprefix("Erreur : ").startswith(h1), f"title {title!r} / h1 {h1!r}"


def _names(_page, tags):
    """Every control, button and link says what it is."""
    labelled = {tag.get("for") for tag in tags if tag.name == "label"}
    for control in tags:
        if control.name not in ("input", "select", "textarea"):
            continue
        if control.get("type") in ("hidden", "submit", "button"):
            continue
        named = (
            control.get("id") in labelled
            or control.get("aria-label")
            or control.get("aria-labelledby")
            or control.find_parent("label")
        )
        assert named, f"no label: {control}"
    for thing in tags:
        if thing.name != "button" and not (thing.name == "a" and thing.has_attr("href")):
            continue
        assert _flat(thing.text) or thing.get("aria-label"), f"no name: {thing}"


def _ties(_page, tags):
    """Whatever points to an id finds it, once."""
    ids = Counter(tag["id"] for tag in tags if tag.has_attr("id"))
    twice = {one for one, count in ids.items() if count > 1}
    assert not twice, f"duplicate ids: {twice}"
    for tag in tags:
        for attribute in TIES & tag.attrs.keys():
            missing = set(tag[attribute].split()) - ids.keys()
            assert not missing, f"dangling {attribute}: {missing}"
        if tag.name == "label" and tag.has_attr("for"):
            assert tag["for"] in ids, f"dangling label: {tag}"
        if tag.name == "a" and tag.get("href", "").startswith("#"):
            assert tag["href"][1:] in ids, f"dangling link: {tag}"


def _forms(page):
    assert not page.select("form form"), "a form inside a form"
    for form in page.select("form"):
        if form.get("method", "get").lower() != "post":
            continue
        assert form.get("action"), f"a form says where it goes: {form}"
        assert form.select_one("[name=csrf_token][value]"), f"a form carries its token: {form}"


def _tables(page):
    for table in page.select("table"):
        assert table.caption, f"a table has a caption: {table}"
        for cell in table.select("th"):
            assert cell.get("scope"), f"a heading of a table has a scope: {cell}"


def _drawings(page):
    for image in page.select("img"):
        assert image.has_attr("alt"), f"an image has an alt: {image}"
    for svg in page.select("svg"):
        hidden = svg.get("aria-hidden") == "true" or svg.find_parent(attrs={"aria-hidden": "true"})
        named = svg.get("role") in ("img", "group") and svg.get("aria-label")
        assert hidden or named or svg.find_parent("svg"), f"a drawing is hidden or named: {svg}"


def _policy(_page, tags):
    """Nothing that the content policy of the service would block."""
    for tag in tags:
        assert tag.name != "style", "inline style sheet"
        assert "style" not in tag.attrs, f"inline style: {tag}"
        handlers = [name for name in tag.attrs if name.startswith("on")]
        assert not handlers, f"inline handler: {tag}"
        if tag.name == "script":
            assert tag.get("nonce"), f"script without nonce: {tag}"
        address = tag.get(ASSETS.get(tag.name, ""), "")
        assert not urlsplit(address).netloc, f"another host: {tag}"


def _typography(page):
    text = "".join(_prose(page.main))
    for pattern, fault in (
        (STRAIGHT, "straight apostrophe"),
        (PLAIN_SPACE, "plain space beside a sign"),
        (NO_SPACE, "no space before a sign"),
    ):
        found = pattern.search(text)
        context = found and text[max(0, found.start() - 30) : found.end() + 30]
        assert not found, f"{fault}: {context!r}"


def _prose(tag):
    """The sentences of a page: codes, addresses and typed text are not prose."""
    for part in tag.children:
        if isinstance(part, Tag):
            if part.name not in NO_PROSE:
                yield from _prose(part)
                yield "\n" * (part.name in BLOCKS)
        elif type(part) is NavigableString:
            yield part
