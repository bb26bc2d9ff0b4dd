"""The public interface, against its own description and against what operators will try."""

import json
from datetime import date

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from models import Network, OfferKind, entered_in_territory
from tests import factories as make
from tests.services.test_entered import NOW, Desk
from web.services.api_keys import issue_key

OFFER = {
    "host": {
        "name": "Menuiserie Le Goff",
        "kind": "company",
        "siret": "73282932000074",
        "address": "3 rue du Port",
        "postcode": "44400",
        "commune": "Rezé",
    },
    "contact": {"name": "Anne Le Goff", "email": "anne@example.org"},
    "title": "Découvrir une menuiserie",
    "description": "Tu suis les menuisiers, de l’idée au meuble fini.",
    "sector": "wood",
    "weeks": [{"monday": "2026-12-07", "seats": 2}],
}
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


class Caller:
    def __init__(self, app, token):
        self.client = app.test_client()
        self.headers = {"Authorization": f"Bearer {token}"}

    def __call__(self, method, path, status, body=None, **more):
        answer = self.client.open(
            f"/api/v1{path}",
            method=method,
            headers=self.headers,
            **({"json": body} if body is not None else {}),
            **more,
        )
        assert answer.status_code == status, answer.text
        return answer


@pytest.fixture
def desk(session, clock):
    clock.move_to(NOW)
    return Desk(session)


@pytest.fixture
def call(session, desk, app):
    return Caller(app, issue_key(session, desk.animator, "club", Network.FACE, now=NOW))


def test_an_offer_is_put_read_and_closed_under_its_own_id(session, desk, call, app):
    made = call("PUT", "/offers/club-12", 201, OFFER).json
    assert (made["id"], made["state"], made["confirmed"], made["seats"]) == (
        "club-12",
        "submitted",
        False,
        2,
    )
    assert call("PUT", "/offers/club-12", 200, OFFER).json == made
    weeks = [{"monday": "2026-12-14", "seats": 1}]
    assert call("PUT", "/offers/club-12", 200, {**OFFER, "weeks": weeks}).json["weeks"] == weeks
    assert len(call("GET", "/offers", 200).json["offers"]) == 1
    cite = make.animator(session, desk.where, network=Network.CITE)
    session.commit()
    other = Caller(app, issue_key(session, cite, "autre", Network.CITE, now=NOW))
    other("PUT", "/offers/club-12", 409, OFFER)
    other("GET", "/offers/club-12", 404)
    other("DELETE", "/offers/club-12", 404)
    call("DELETE", "/offers/club-12", 204)
    call("DELETE", "/offers/club-12", 204)
    assert call("GET", "/offers/club-12", 200).json["state"] == "withdrawn"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"title": 3}, "/title"),
        ({"titel": "x"}, "/titel"),
        ({"sector": "chocolate"}, "/sector"),
        ({"weeks": [{"monday": "2026-12-08", "seats": 1}]}, "/weeks/0/monday"),
        ({"weeks": [{"monday": "2026-12-21", "seats": 1}]}, "/weeks"),
        ({"weeks": []}, "/weeks"),
        ({"host": {**OFFER["host"], "siret": "123"}}, "/host/siret"),
        ({"host": {**OFFER["host"], "commune": "Paris"}}, "/host/commune"),
        ({"host": []}, "/host"),
        ({"contact": {"name": "A", "email": "nulle part"}}, "/contact/email"),
        ({"hours": [{"weekday": 0, "morning": ["9", "12"]}]}, "/hours/0/morning"),
        ({"hours": [{"weekday": 0, "morning": ["04:00", "08:00"]}]}, "/hours"),
        ({"long_week": "oui"}, "/long_week"),
        ({"reserved_seats": -1}, "/reserved_seats"),
        ({"reserved_seats": 1, "reserve_until": "15/10/2026"}, "/reserve_until"),
        ({"reserved_seats": 9}, "/weeks"),
    ],
)
def test_each_mistake_is_told_where_it_is(call, change, pointer):
    errors = call("PUT", "/offers/club-12", 422, {**OFFER, **change}).json["errors"]
    assert pointer in {error["pointer"] for error in errors}
    call("GET", "/offers/club-12", 404)


def test_a_group_and_the_seats_it_keeps_come_with_the_offer(session, desk, call):
    more = {"min_group": 2, "reserved_seats": 1, "reserve_until": "2026-10-15"}
    call("PUT", "/offers/club-12", 201, {**OFFER, **more})
    offer = session.scalars(entered_in_territory(desk.where.id)).one().offer
    assert (offer.kind, offer.min_group) == (OfferKind.GROUP, 2)
    assert (offer.reserved_seats, offer.reserve_until) == (1, date(2026, 10, 15))


def test_what_is_missing_is_told_once(call):
    errors = call("PUT", "/offers/club-12", 422, {}).json["errors"]
    pointers = [error["pointer"] for error in errors]
    assert pointers[:2] == ["/host", "/contact"]
    assert len(pointers) == len(set(pointers)) == 6


def test_half_a_sign_of_a_broken_system_is_left_out(call):
    body = json.dumps({**OFFER, "title": "Découvrir \ud83d le bois"})
    made = call("PUT", "/offers/club-12", 201, data=body, content_type="application/json")
    assert made.json["title"] == "Découvrir  le bois"


def test_a_system_never_reads_a_page(call):
    for method, path, status in (("GET", "/ofers", 404), ("POST", "/offers", 405)):
        answer = call(method, path, status)
        assert answer.mimetype == "application/problem+json"
    assert "GET" in answer.headers["Allow"]


def test_a_call_says_who_it_is_speaks_json_and_keeps_its_pace(call, app):
    assert app.test_client().get("/api/v1/offers").status_code == 401
    stranger = Caller(app, "t3e_x")
    assert stranger("GET", "/offers", 401).headers["WWW-Authenticate"] == "Bearer"
    answer = call.client.put("/api/v1/offers/a", data="{", headers=call.headers)
    assert answer.status_code == 415
    answer = call.client.put(
        "/api/v1/offers/a", data="{", headers=call.headers, content_type="application/json"
    )
    assert answer.status_code == 400
    call("PUT", "/offers/a%20b", 422, OFFER)
    for _ in range(57):
        call("GET", "/offers", 200)
    assert 0 < int(call("GET", "/offers", 429).headers["Retry-After"]) <= 60


def test_the_help_and_the_description_are_public(pages):
    assert "PUT /api/v1/offers/{id}" in pages.get("/api/v1/aide").main.text
    assert json.loads(pages.get("/api/v1/openapi.json").data)["openapi"] == "3.1.0"


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
def test_whatever_is_sent_gets_an_answer_that_the_description_announces(
    mode, call, app, monkeypatch
):
    monkeypatch.setattr("web.services.api_keys.PER_MINUTE", 100_000)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    for found in schema.get_all_operations():
        ask_many(found.ok(), mode, call.headers)


def ask_many(operation, mode, headers):
    """Send generated calls to one operation and check each answer."""

    @settings(
        max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        case.call_and_validate(headers=headers, checks=CHECKS)

    try:
        ask()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE  # nothing to get wrong in a call without input
