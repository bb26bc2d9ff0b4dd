"""An establishment that is known fills the form of who registers; anything else is typed."""

import json
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from tests import factories as make
from tests.services.test_entered import ENTRY, NOW, SIRET, Desk
from tests.web.test_host import words
from web.adapters.companies import register_at
from web.services.entered import enter_offer

SEAT = {
    "siret": SIRET,
    "adresse": "12 RUE DES LILAS 44800 SAINT-HERBLAIN",
    "code_postal": "44800",
    "libelle_commune": "SAINT-HERBLAIN",
    "etat_administratif": "A",
}


class Register(HTTPServer):
    """A register whose answer a test may change."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answering)
        self.asked, self.status = [], 200
        self.raw, self.drips = None, False
        self.results = [{"nom_raison_sociale": "ATELIERS DE L’ERDRE", "siege": SEAT}]


class Answering(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(parse_qs(urlsplit(self.path).query)["q"])
        self.send_response(self.server.status)
        self.end_headers()
        still = threading.Event()
        while self.server.drips and not still.wait(0.01):
            self.wfile.write(b" ")
        told = self.server.raw or json.dumps({"results": self.server.results}).encode()
        self.wfile.write(told)

    def log_message(self, *_):
        pass


@pytest.fixture
def register():
    server = Register()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def known(register):
    return register_at(f"http://127.0.0.1:{register.server_port}/search").find(SIRET)


def test_the_register_fills_name_and_address(register):
    found = known(register)
    assert (found.name, found.address) == ("Ateliers de L’Erdre", "12 Rue des Lilas")
    assert (found.postcode, found.commune) == ("44800", "Saint-Herblain")
    assert register.asked == [[SIRET]]


@pytest.mark.parametrize(
    "results",
    [
        [],
        [{"nom_raison_sociale": "X", "siege": {**SEAT, "siret": "1" * 14}}],
        [{"nom_raison_sociale": "X", "siege": {**SEAT, "etat_administratif": "F"}}],
        [{"nom_raison_sociale": "X", "siege": {**SEAT, "adresse": "[NON-DIFFUSIBLE]"}}],
        ["damaged"],
        {"siege": SEAT},
        [{"nom_raison_sociale": ["X"], "siege": SEAT}],
        [{"nom_raison_sociale": "X", "siege": [SEAT]}],
    ],
)
def test_what_is_closed_hidden_or_damaged_is_not_known(register, results):
    register.results = results
    assert known(register) is None


def test_an_answer_that_nests_without_end_is_not_known(register):
    register.raw = b"[" * 100_000
    assert known(register) is None


def test_a_register_that_drips_keeps_nobody_waiting(register):
    register.drips = True
    slow = replace(register_at(f"http://127.0.0.1:{register.server_port}/search"), seconds=0.2)
    assert slow.find(SIRET) is None
    register.drips = False


def test_a_register_out_of_order_leaves_the_form_to_be_typed(register):
    register.status = 503
    assert known(register) is None
    register.shutdown()
    register.server_close()
    assert known(register) is None
    with pytest.raises(ValueError, match="REGISTER_URL"):
        register_at("sirene")


def test_the_page_proposes_what_others_entered_and_says_the_rest(session, clock, pages):
    clock.move_to(NOW)
    desk = Desk(session)
    enter_offer(session, desk.by, ENTRY, now=NOW)
    pages.get("/structure/inscription")
    page = pages.submit("Remplir avec ce numéro", numero="732 829 320 00074")
    assert "Établissement trouvé" in words(page)
    filled = {name: page.select_one(f"#{name}")["value"] for name in ("siret", "name", "commune")}
    assert filled == {"siret": SIRET, "name": "Menuiserie Le Goff", "commune": "Rezé"}
    page = pages.get("/structure/inscription?numero=35600000000048")
    assert "pas encore connu ici" in words(page)
    assert page.select_one("#siret")["value"] == "35600000000048"
    page = pages.get("/structure/inscription?numero=123", 422)
    assert "14 chiffres" in page.select_one("#numero-error").text
    host = make.host(session, desk.where)
    host.sites[0].siret = "35600000000048"
    session.commit()
    page = pages.get("/structure/inscription?numero=35600000000048", 409)
    assert "déjà inscrit" in page.select_one("#numero-error").text
