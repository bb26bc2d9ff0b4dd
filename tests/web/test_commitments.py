"""The pages and papers of the PaQte commitments."""

import subprocess

import pytest

from models import Host, Network
from tests import factories as make
from tests.services.test_commitments import Scene
from tests.web.test_host import POSTING, words

TYPED = {
    "network": "face",
    "season": str(make.SEASON),
    "signed_on-day": "18",
    "signed_on-month": "6",
    "signed_on-year": "2026",
    "places": "5",
    "weeks": "2",
    "promised_talk": "3",
    "done_talk": "1",
}


@pytest.fixture
def scene(session, clock):
    clock.move_to(POSTING)
    return Scene(session)


def text_of(pdf):
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


def test_an_animator_writes_a_commitment_and_reads_it_against_the_facts(scene, pages_as):
    pages = pages_as(scene.face)
    assert "Aucun engagement pour l’instant" in words(pages.get("/animation/engagements"))
    pages.get("/animation/engagements/nouveau")
    refused = pages.submit(
        "Enregistrer", 422, host_id=str(scene.wood.id), **{**TYPED, "places": ""}
    )
    assert "Indiquez le nombre de places" in words(refused)
    assert refused.select_one("#promised_talk")["value"] == "3"
    late = {"host_id": str(scene.wood.id), "places": "5", "signed_on-year": "2099"}
    assert "Cette date est à venir" in words(pages.submit("Enregistrer", 409, data=late))
    year = TYPED["signed_on-year"]
    page = pages.submit("Enregistrer", data={"signed_on-year": year})
    assert "Il manque 2 places" in words(page)
    assert "Interventions en classe 3 1" in words(page)
    page = pages.get(page.find("a", string="Menuiserie")["href"])
    assert page.h1.text == "Engagement de Menuiserie"
    page = pages.submit("Enregistrer", places="3")
    assert "Tenu" in words(page)


def test_a_signatory_not_yet_registered_is_awaited_then_tied(session, scene, pages_as):
    pages = pages_as(scene.face)
    pages.get("/animation/engagements/nouveau")
    page = pages.submit("Enregistrer", 422, host_id="0", **TYPED)
    assert "Choisissez une structure" in page.select_one("#host_id-error").text
    page = pages.submit("Enregistrer", 422, new_name="Ateliers de l’Erdre")
    assert "Dites ce qu’est" in page.select_one("#new_kind-error").text
    page = pages.submit("Enregistrer", new_kind="company")
    assert "Il manque 5 places" in words(page)
    address = page.find("a", string="Ateliers de l’Erdre")["href"]
    pages.get("/animation/engagements/nouveau")
    taken = {**TYPED, "host_id": "0", "new_name": "ateliers de l’erdre", "new_kind": "company"}
    page = pages.submit("Enregistrer", 409, **taken)
    assert "est dans la liste" in words(page)
    pages.get(address)
    page = pages.submit("Enregistrer", host_id=str(scene.wood.id))
    assert "Menuiserie" in words(page)
    assert session.query(Host).filter_by(name="Ateliers de l’Erdre").count() == 0


def test_another_network_reads_but_does_not_write(session, scene, pages_as):
    pages = pages_as(scene.face)
    pages.get("/animation/engagements/nouveau")
    page = pages.submit("Enregistrer", host_id=str(scene.wood.id), **TYPED)
    address = page.find("a", string="Menuiserie")["href"]
    other = pages_as(scene.cite)
    page = other.get(address)
    assert "Lecture seule" in words(page)
    assert not page.find("button", string="Enregistrer")
    other.post(address, 409, host_id=str(scene.wood.id), **{**TYPED, "network": "cite"})
    elsewhere = make.animator(session, make.territory(session, "85"))
    session.commit()
    pages_as(elsewhere).get(address, 404)


def test_the_statements_are_papers_to_show(session, scene, pages_as):
    pages = pages_as(scene.face)
    paper = pages.get(f"/animation/engagements/bilan.pdf?reseau={Network.FACE.value}")
    assert paper.mimetype == "application/pdf"
    text = text_of(pages.get("/animation/engagements/bilan.pdf").data)
    assert "Loire-Atlantique" in text
    assert "un groupe de 1 à 4 élèves" in text.replace("\u00a0", " ")
    member = make.host_member(session, scene.wood)
    session.commit()
    host = pages_as(member)
    assert "Élèves accueillis 2" in words(host.get("/structure/bilan"))
    text = text_of(host.get("/structure/bilan/bilan.pdf").data)
    assert "Bilan de Menuiserie" in text
    assert "50" in text
