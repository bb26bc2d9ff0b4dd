"""What a head, a pupil and a guardian do, on a phone, from the class list to the answer."""

import re
from datetime import timedelta

from models import CampaignState, RoundState
from tests import factories as f
from tests.browser.audit import audit
from tests.services.seasons import Season
from tests.web.test_documents import read
from web.services import campaigns, runs
from web.services.publication import publish

LIST = (
    "Nom;Prénom;Né(e) le;Classe;Responsable 1;Courriel 1\r\n"
    "LE BIHAN;Enora;27/03/2012;3e A;Gwen Le Bihan;\r\n"
    "PERRIN;Malo;31/02/2012;3e A;;\r\n"
)
CODE = re.compile(r"\b[A-Z0-9]{4}-[A-Z0-9]{3}-[A-Z0-9]{4}\b")
"""A letter gives the pupil's code first, then those of her guardians."""


def enter(phone, code):
    """Sign in with the code of a letter, as a family does."""
    phone.goto("/compte/connexion")
    phone.get_by_label("Code de la lettre").fill(code.lower())
    for label, value in (("Jour", "27"), ("Mois", "3"), ("Année", "2012")):
        phone.get_by_label(label).fill(value)
    phone.get_by_role("button", name="Entrer").click()


def said(phone):
    return " ".join(phone.locator("main").inner_text().split())


def test_from_the_class_list_to_the_answer(visit, session, sessions, clock, tmp_path):
    season = Season(session, state=CampaignState.RUNNING, round_state=RoundState.WISHES_OPEN)
    season.round.secret = "0" * 64
    session.commit()

    head = visit("phone", season.head)
    codes = _import_and_print(head, tmp_path)
    pupil = visit("phone")
    enter(pupil, codes[0])
    _rank_and_confirm(pupil)
    guardian = visit("phone")
    enter(guardian, codes[1])
    guardian.get_by_role("link", name="Vœux").first.click()
    assert "Mairie" in said(guardian)
    assert "Enora" in guardian.locator("h1").inner_text()
    audit(guardian, guardian.url)

    clock.move_to(f.RUN_AT)
    campaigns.advance(session, f.RUN_AT)
    session.commit()
    runs.work_once(sessions.writing, lambda _: f.RUN_AT)
    campaigns.advance(session, f.RUN_AT + timedelta(minutes=1))
    head = visit("phone", season.head)
    _object_then_think_again(head)

    clock.move_to(f.PUBLISH_AT)
    publish(session, season.round.id, by=season.by, now=f.PUBLISH_AT)
    pupil = visit("phone")
    enter(pupil, codes[0])
    pupil.goto("/eleve/resultat")
    audit(pupil, pupil.url)
    pupil.get_by_role("button", name="J’accepte cette place").click()
    assert "Place acceptée" in said(pupil)
    guardian = visit("phone")
    enter(guardian, codes[1])
    guardian.goto("/eleve/resultat")
    assert "Place acceptée" in said(guardian)
    head.goto("/college/resultats")
    assert "Enora" in said(head)


def _import_and_print(head, folder):
    """Send the list, see the wrong date, import the other line, print the letter: its codes."""
    file = folder / "liste.csv"
    file.write_bytes(LIST.encode("cp1252"))
    audit(head, "/college/import")
    head.get_by_label("Fichier").set_input_files(file)
    head.get_by_role("button", name="Lire la liste").click()
    head.wait_for_url("**/college/import/*")
    assert "Rien n’est encore écrit" in said(head)
    assert "31/02/2012" in said(head)
    audit(head, head.url)
    head.get_by_role("button", name="Importer 1 élève").click()
    head.wait_for_selector("h1:has-text('Élèves importés')")
    audit(head, head.url)

    audit(head, "/college/lettres")
    with head.expect_download() as arriving:
        head.get_by_role("button", name=re.compile("Imprimer .* lettre")).first.click()
    letters = folder / "lettres.pdf"
    arriving.value.save_as(letters)
    text = read(letters.read_bytes(), folder)
    return CODE.findall(text[text.index("Enora") :])


def _rank_and_confirm(pupil):
    audit(pupil, "/eleve/offres")
    for title in ("Mairie", "Menuiserie"):
        pupil.get_by_role("link", name=title).first.click()
        pupil.get_by_role("button", name="Ajouter").first.click()
        pupil.goto("/eleve/offres")
    audit(pupil, "/eleve/voeux")
    pupil.get_by_role("button", name="Confirmer ma liste").click()
    assert "confirm" in said(pupil).lower()


def _object_then_think_again(head):
    """Read what is proposed, ask for a change, and take it back."""
    audit(head, "/college/relecture")
    head.get_by_role("link", name="Élève0 Nom0").click()
    audit(head, head.url)
    head.get_by_label("Le trajet est impossible").check()
    head.get_by_role("button", name="Envoyer la demande").click()
    assert "En attente" in said(head)
    audit(head, "/college/relecture")
    head.get_by_role("button", name="Retirer cette demande").first.click()
    assert "Demande retirée" in said(head)
