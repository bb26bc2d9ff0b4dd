"""The papers that a school prints: who is on them, and what a reader without eyes finds."""

import io
import re
import subprocess

import pytest
from openpyxl import load_workbook

from models import Origin, Placement, PlacementState, RoundState
from tests import factories as make
from tests.factories import PUBLISH_AT, WISHES_TIME
from web.services.access import code_digest
from web.services.found_places import Found, check_place, declare_place
from web.services.letters import Printing, issue_letters

CODE = re.compile(r"\b\w{4}-\w{3}-\w{4}\b")


class Town:
    """A school with two classes; Lina has a guardian, her class and its teacher."""

    def __init__(self, session):
        where = make.territory(session)
        self.season = make.campaign(session, where)
        weeks = make.weeks_of(session, self.season)
        self.school = make.school(session, where)
        self.klass = make.school_class(session, self.season, self.school, weeks)
        self.mother = make.guardian(session)
        self.lina = make.pupil(session, self.klass, guardian=self.mother)
        host = make.host(session, where)
        self.offer = make.offer(session, self.season, host, {weeks[0]: 2})
        make.wishes(session, self.lina, self.offer)
        self.head = make.head(session, self.school)
        self.stranger = make.head(session, make.school(session, where, name="Autre"))
        self.address = f"/college/classes/{self.klass.id}/lettres"
        session.commit()


@pytest.fixture
def town(session):
    return Town(session)


def read(pdf, tmp_path):
    """The text of a PDF as a tool reads it, spaces flattened."""
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def digest_of(session, person):
    """What is kept of somebody's code now, read in a transaction of its own."""
    session.refresh(person)
    session.commit()
    return person.code_digest


def test_a_letter_carries_working_codes_and_no_birth_date(town, session, pages_as, tmp_path):
    paper = pages_as(town.head).post(town.address, key="k1").data
    text = read(paper, tmp_path)
    codes = CODE.findall(text)
    session.expire_all()
    known = [town.lina.code_digest, town.mother.code_digest]
    assert [code_digest(session, code) for code in codes] == known
    for words in ("Lina Bernard", "Samira Bernard", "3e A", "traitement algorithmique", "CADA"):
        assert words in text
    assert "16 octobre 2026 à 18 h" in text.replace("\u00a0", " ")
    for words in ("compulsory week", "Türkçe", "estágio", "Română"):
        assert words in text
    assert not re.search(r"2012|0?9/0?3", text)


def test_a_letter_is_one_page_however_many_guardians(town, session, pages_as, tmp_path):
    for number in range(3):
        town.lina.guardians.append(make.guardian(session, f"Responsable Numéro-{number}", None))
    session.commit()
    paper = tmp_path / "letters.pdf"
    paper.write_bytes(pages_as(town.head).post(town.address, key="k1").data)
    told = subprocess.run(["pdfinfo", paper], capture_output=True, check=True).stdout
    assert re.search(rb"Pages:\s+1\n", told)


def test_letters_are_accessible_documents(town, pages_as):
    paper = pages_as(town.head).post(town.address, key="k1").data
    assert paper.startswith(b"%PDF")
    assert b"pdfuaid" in paper
    assert b"/MarkInfo" in paper or b"/Marked true" in paper
    assert b"/Lang" in paper


def test_the_same_page_sent_twice_gives_the_same_codes(town, pages_as, tmp_path):
    visitor = pages_as(town.head)
    first, second = (visitor.post(town.address, key="k1").data for _ in range(2))
    assert CODE.findall(read(first, tmp_path)) == CODE.findall(read(second, tmp_path))
    page = visitor.post(town.address, 409, key="another")
    assert "a déjà un code" in page.main.text


def test_without_a_paper_no_code_is_kept(town, session):
    def broken(letters):
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        issue_letters(
            session,
            town.school.id,
            town.klass.id,
            Printing("k1", everyone=False, paper=broken),
            by=town.head.id,
            now=WISHES_TIME,
        )
    session.rollback()
    assert digest_of(session, town.lina) is None


def test_a_page_whose_codes_were_all_replaced_says_so(town, session, pages_as):
    visitor = pages_as(town.head)
    visitor.post(town.address, key="k1")
    for person, code in ((town.lina, "NEWR-NEW-NEWR"), (town.mother, "NEWS-NEW-NEWS")):
        digest_of(session, person)
        person.code_digest = code_digest(session, code)
    session.commit()
    assert "code plus récent" in visitor.post(town.address, 409, key="k1").main.text


def test_only_who_lacks_a_code_gets_a_new_one(town, session, pages_as, tmp_path):
    visitor = pages_as(town.head)
    visitor.post(town.address, key="k1")
    before = digest_of(session, town.mother)
    digest_of(session, town.lina)
    town.lina.code_digest = None
    session.commit()
    text = read(visitor.post(town.address, key="k2").data, tmp_path)
    assert len(CODE.findall(text)) == 1
    assert "Code déjà remis" in text
    assert digest_of(session, town.mother) == before


def test_replacing_every_code_must_be_ticked(town, session, pages_as, tmp_path):
    visitor = pages_as(town.head)
    visitor.post(town.address, key="k1")
    old = digest_of(session, town.lina)
    page = visitor.post(town.address, 409, key="k2", everyone="yes")
    assert "ne serviront plus" in page.main.text
    assert digest_of(session, town.lina) == old
    text = read(visitor.post(town.address, key="k2", everyone="yes", sure="yes").data, tmp_path)
    assert len(CODE.findall(text)) == 2
    assert digest_of(session, town.lina) != old


def test_what_people_type_is_never_source(town, session, pages_as, tmp_path):
    town.lina.last_name = '#panic("x") [*_$ \\'
    session.commit()
    text = read(pages_as(town.head).post(town.address, key="k1").data, tmp_path)
    assert '#panic("x") [*_$ \\' in text


def test_a_sign_that_no_font_draws_leaves_the_class_its_papers(town, session, pages_as, tmp_path):
    town.lina.last_name = "Nuñez 🚀 中\u2009Çelik"
    session.commit()
    text = read(pages_as(town.head).post(town.address, key="k1").data, tmp_path)
    assert "Lina Nuñez ? Çelik" in text


def test_the_letters_of_another_school_do_not_exist(town, pages_as):
    stranger = pages_as(town.stranger)
    stranger.post(town.address, 404, key="k")
    stranger.get(f"/college/classes/{town.klass.id}/resultats.pdf", 404)


def test_slips_wait_for_the_publication(town, session, pages_as, tmp_path):
    visitor = pages_as(town.head)
    address = f"/college/classes/{town.klass.id}/resultats.pdf"
    assert visitor.get(address).h1.text == "Résultats"
    turn = town.season.rounds[0]
    session.add(
        Placement(
            campaign_id=town.season.id,
            round=turn,
            pupil=town.lina,
            offer_week=town.offer.weeks[0],
            origin=Origin.RUN,
            rank=1,
            created_at=PUBLISH_AT,
        )
    )
    turn.state, turn.published_at = RoundState.PUBLISHED, PUBLISH_AT
    session.commit()
    text = read(visitor.get(address).data, tmp_path).replace("\u00a0", " ")
    for words in ("Lina Bernard", "vœu 1", "Menuiserie Le Goff", "traitement algorithmique"):
        assert words in text
    assert "Accepte ou refuse avant" in text


def test_a_slip_says_what_became_of_each_pupil(town, session, pages_as, tmp_path):
    names = ("Ava", "Bilal", "Chloé", "Driss")
    ava, bilal, chloe, driss = (make.pupil(session, town.klass, name) for name in names)
    by, week_id = town.head.account_id, town.klass.weeks[0].id
    garage = Found(
        week_id, "Garage", "4 rue Haute", "44000", "Nantes", "M. Dupont", "02 40 00 00 00"
    )
    for pupil in (ava, bilal):
        declare_place(session, pupil.id, garage, by=by, now=WISHES_TIME)
    check_place(session, ava.id, town.school.id, by=by, now=WISHES_TIME)
    turn = town.season.rounds[0]
    held = Placement(
        campaign_id=town.season.id,
        round=turn,
        pupil=chloe,
        offer_week=town.offer.weeks[0],
        origin=Origin.HAND,
        state=PlacementState.ACCEPTED,
        created_at=PUBLISH_AT,
    )
    session.add(held)
    turn.state, turn.published_at = RoundState.PUBLISHED, PUBLISH_AT
    session.commit()
    address = f"/college/classes/{town.klass.id}/resultats.pdf"
    text = read(pages_as(town.head).get(address).data, tmp_path).replace("\u00a0", " ")
    slips = re.split(r"(?=\b\w+ Bernard, 3e A)", text)[1:]
    said = {slip.split()[0]: slip for slip in slips}
    assert "celui que ta famille a trouvé" in said["Ava"]
    assert "Le collège vérifie le stage" in said["Bilal"]
    assert "La place est acceptée" in said["Chloé"]
    assert "Aucun vœu enregistré" in said[driss.first_name]
    assert "Pas encore de place" in said["Lina"]


def test_no_cell_of_an_export_is_a_formula(town, session, pages_as):
    town.lina.last_name = "=HYPERLINK(1)"
    make.pupil(session, town.klass, "@SUM", "-2+3")
    session.commit()
    visitor = pages_as(town.head)
    text = visitor.get("/college/eleves/suivi.csv").data.decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in text
    assert "'-2+3;'@SUM" in text
    book = load_workbook(io.BytesIO(visitor.get("/college/eleves/suivi.xlsx").data))
    cells = [cell for row in book.active.iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.value.startswith(("=", "+", "-", "@")) for cell in cells)
    assert [cell.value for cell in book.active["D"]][1:] == ["Aucune connexion", "Liste commencée"]
