"""What a list of pupils does to a school, whatever program wrote it."""

import json
from datetime import UTC, date, datetime

import pytest

from models import ClassKind, Guardian, Pupil, PupilImport, RoundState, SchoolClass
from tests import factories as make
from tests.services import lists
from web.services.errors import Refused
from web.services.imports.drafts import (
    Stale,
    confirm_import,
    correct_import,
    drop_import,
    find_import,
    forget_imports,
    open_import,
    preview,
)
from web.services.imports.plan import Outcome
from web.services.imports.reading import read_file
from web.services.imports.text import read_pasted

NOW = datetime(2026, 10, 8, 10, tzinfo=UTC)
TITLES = "Nom;Prénom;Né(e) le;Classe;INE;Responsable 1;Mail resp. 1;Responsable 2;Mail resp. 2\n"


@pytest.fixture
def school(session):
    """A school whose class is written « 3e A », in the round of its campaign."""
    where = make.territory(session)
    season = make.campaign(session, where)
    made = make.school(session, where)
    made.uai = "0440284V"
    make.school_class(session, season, made, make.weeks_of(session, season))
    session.commit()
    return made


@pytest.fixture
def send(session, school):
    """Send a list (text or bytes) and look at its preview."""

    def sent(data):
        table = read_pasted(data) if isinstance(data, str) else read_file(data)
        draft = open_import(session, school.id, table, "liste.csv", now=NOW)
        return draft, preview(session, draft, now=NOW)

    return sent


@pytest.fixture
def bring(session, school, send):
    """Send a list and confirm it; what was planned."""

    def brought(data):
        draft, seen = send(data)
        if seen.plan.written:
            confirm_import(session, school.id, draft.id, seen.plan.digest, by=None, now=NOW)
        return seen.plan

    return brought


def outcomes(plan):
    return {line.number: line.outcome.value for line in plan.lines}


def pupils(session):
    return {one.full_name: one for one in session.query(Pupil).order_by(Pupil.id)}


def test_siecle_gives_the_pupils_of_3e_who_are_still_there(session, bring):
    plan = bring(lists.siecle())
    assert outcomes(plan) == {1: "created", 2: "created", 3: "ignored", 4: "ignored", 5: "created"}
    assert plan.lines[2].reason == "N’est pas en troisième."
    assert plan.lines[3].reason == "A quitté le collège le 21/09/2026."
    known = pupils(session)
    assert {n: p.school_class.name for n, p in known.items()} == {
        "Maëlle Le Gallo": "3e A",
        "Awa N’Diaye": "3e B",
        "Noé Saïdi": "3e SEGPA",
    }
    assert known["Noé Saïdi"].school_class.kind is ClassKind.SEGPA
    assert session.query(SchoolClass).count() == 3  # 3e A was there already


def test_nothing_is_written_before_the_head_confirms(session, send):
    _draft, seen = send(lists.siecle())
    assert seen.plan.written == 3
    assert seen.plan.new_classes == ["3e B", "3e SEGPA"]
    assert session.query(Pupil).count() == 0
    assert session.query(SchoolClass).count() == 1


@pytest.mark.parametrize(
    "second",
    [
        lists.siecle(),
        lists.zipped(ElevesSansAdresses__xml=lists.siecle()),
        "Nom;Prénom;Né(e) le;Classe\nLe gallo;MAELLE;14/2/12;3EME A\nNDIAYE;Awa;2012-11-03;3 b\n",
    ],
)
def test_the_same_pupils_again_change_nothing(session, bring, second):
    bring(lists.siecle())
    before = {one.id: (one.full_name, one.school_class_id) for one in session.query(Pupil)}
    plan = bring(second)
    assert plan.written == 0
    assert plan.counts[Outcome.UNCHANGED] >= 2
    session.expire_all()
    assert {o.id: (o.full_name, o.school_class_id) for o in session.query(Pupil)} == before


def test_twins_share_their_guardian(session, bring):
    plan = bring(lists.EXTRACTION.encode("cp1252"))
    assert outcomes(plan) == {2: "created", 3: "created", 4: "ignored"}
    guardian = session.query(Guardian).one()
    assert (guardian.name, guardian.email) == ("Zoé Oeuvrard", "zoe.oeuvrard@example.org")
    assert {one.full_name for one in guardian.pupils} == {"Éloïse Œuvrard", "Gaël Œuvrard"}


def test_two_guardians_with_one_address_are_two_people(session, bring):
    line = "Roux;Ana;14/02/2012;3A;;Jean Roux;roux@example.org;Mme ROUX Léa;roux@example.org\n"
    sibling = "Roux;Ugo;14/02/2012;3B;;M. ROUX Jean;roux@example.org;;\n"
    bring(TITLES + line + sibling)
    named = {one.name: len(one.pupils) for one in session.query(Guardian)}
    assert named == {"Jean Roux": 2, "Roux Léa": 1}
    assert bring(TITLES + line + sibling).written == 0


def test_one_line_by_guardian_is_one_pupil_with_two(session, bring):
    first = "Roux;Ana;14/02/2012;3A;;Jean Roux;jean@example.org;;\n"
    other = "Roux;Ana;14/02/2012;3A;;Léa Roux;lea@example.org;;\n"
    plan = bring(TITLES + first + other)
    assert outcomes(plan) == {2: "created", 3: "ignored"}
    assert plan.lines[1].reason == "Déjà à la ligne 2."
    assert {one.name for one in session.query(Guardian)} == {"Jean Roux", "Léa Roux"}


def test_two_birth_dates_are_never_merged(session, bring):
    bring(TITLES + "Kaya;Inès;12/09/2011;3A;;;;;\n")
    plan = bring(TITLES + "Kaya;Ines;12/09/2012;3A;;;;;\n")
    assert plan.lines[0].to_check
    assert "12/09/2011" in plan.lines[0].reason
    assert session.query(Pupil).count() == 2


def test_one_number_with_two_birth_dates_is_refused(session, bring):
    bring(TITLES + "Kaya;Inès;12/09/2011;3A;123456789AB;;;;\n")
    plan = bring(TITLES + "Kaya;Inès;12/09/2012;3A;123456789AB;;;;\n")
    assert outcomes(plan) == {2: "refused"}
    assert "autre date de naissance" in plan.lines[0].reason


def test_two_numbers_with_one_name_and_date_are_refused(bring):
    bring(TITLES + "Kaya;Inès;12/09/2012;3A;123456789AB;;;;\n")
    plan = bring(TITLES + "Kaya;Inès;12/09/2012;3A;999999999ZZ;;;;\n")
    assert outcomes(plan) == {2: "refused"}


def test_the_number_knows_a_pupil_who_changed_names(session, bring):
    bring(TITLES + "Kaya;Inès;12/09/2012;3A;123456789AB;;;;\n")
    plan = bring(TITLES + "Kaya-Roux;Inès;12/09/2012;3A;123456789AB;;;;\n")
    assert outcomes(plan) == {2: "updated"}
    assert list(pupils(session)) == ["Inès Kaya-Roux"]


def test_the_number_itself_is_nowhere(session, school, send):
    draft, seen = send(TITLES + "Kaya;Inès;12/09/2012;3A;123456789AB;;;;\n")
    assert "123456789AB" not in json.dumps(draft.content)
    confirm_import(session, school.id, draft.id, seen.plan.digest, by=None, now=NOW)
    assert len(pupils(session)["Inès Kaya"].ine_digest) == 64


def test_sensitive_columns_are_named_and_never_kept(send):
    draft, seen = send(lists.PRONOTE.encode("utf-8-sig"))
    assert seen.content.never == ["Régime", "Projet d'accompagnement"]
    kept = json.dumps(draft.content, ensure_ascii=False)
    for word in ("dyslexie", "DP 4 j", "EXT", '"M"'):
        assert word not in kept


def test_a_class_change_keeps_the_pupil_and_her_wishes(session, bring):
    bring(TITLES + "Kaya;Inès;12/09/2012;3A;;;;;\n")
    one = pupils(session)["Inès Kaya"]
    plan = bring(TITLES + "Kaya;Inès;12/09/2012;3ème D;;;;;\n")
    assert plan.lines[0].reason == "Était en 3e A. Ses vœux restent."
    session.refresh(one)
    assert one.school_class.name == "3e D"


def test_after_the_wishes_close_the_class_stays(session, school, bring):
    bring(TITLES + "Kaya;Inès;12/09/2012;3A;;;;;\n")
    turn = session.query(Pupil).one().school_class
    season = session.get(make.Campaign, turn.campaign_id)
    season.rounds[0].state = RoundState.WISHES_CLOSED
    session.commit()
    plan = bring(TITLES + "Kaya;Inès;12/09/2012;3D;;;;;\nNeuf;Léo;12/09/2012;3A;;;;;\n")
    assert outcomes(plan) == {2: "refused", 3: "created"}


def test_refusals_say_the_line_and_the_reason(send):
    _draft, seen = send(lists.PRONOTE.encode("cp1252"))
    refused = {line.number: line.reason for line in seen.plan.with_outcome(Outcome.REFUSED)}
    assert refused == {
        5: "La date « 31/02/2012 » n’existe pas.",
        6: "La classe est vide.",
    }


def test_a_refused_line_is_corrected_in_place(session, school, send):
    draft, _ = send(lists.PRONOTE.encode("utf-8-sig"))
    fixes = {"5": {"birth_date": "28/02/2012"}, "6": {"class": "3B"}, "999": {"class": "3A"}}
    correct_import(session, school.id, draft.id, {}, fixes)
    seen = preview(session, draft, now=NOW)
    assert outcomes(seen.plan) == {2: "created", 5: "created", 6: "created"}
    last = seen.plan.lines[2]
    assert last.to_check
    assert last.reason == "L’adresse « pas une adresse » n’est pas valable : laissée de côté."
    assert draft.fixes.keys() == {"5", "6"}


def test_columns_may_be_named_by_hand(session, school, send):
    draft, seen = send("Truc;Machin;Jour;Groupe\nKaya;Inès;12/09/2012;3A\nRoy;Tom;13/09/2012;3B\n")
    if seen.missing:
        parts = {0: "last_name", 1: "first_name", 2: "birth_date", 3: "class"}
        correct_import(session, school.id, draft.id, parts, {})
        seen = preview(session, draft, now=NOW)
    assert seen.plan.counts[Outcome.CREATED] == 2


def test_two_columns_cannot_be_the_same_thing(session, school, send):
    draft, _ = send(TITLES + "Kaya;Inès;12/09/2012;3A;;;;;\n")
    with pytest.raises(Refused, match="Deux colonnes"):
        correct_import(session, school.id, draft.id, {1: "last_name"}, {})


def test_what_changed_since_the_page_is_looked_at_again(session, school, send):
    draft, seen = send(TITLES + "Kaya;Inès;12/09/2012;3A;;;;;\nRoy;Tom;13/09/2012;3B;;;;;\n")
    make.pupil(session, session.query(SchoolClass).one(), "Tom", "Roy").birth_date = date(
        2012, 9, 13
    )
    session.commit()
    with pytest.raises(Stale):
        confirm_import(session, school.id, draft.id, seen.plan.digest, by=None, now=NOW)
    session.rollback()
    assert session.query(Pupil).count() == 1


def test_a_second_click_writes_nothing_more(session, school, send):
    draft, seen = send(lists.siecle())
    for _ in range(2):
        confirm_import(session, school.id, draft.id, seen.plan.digest, by=None, now=NOW)
    assert session.query(Pupil).count() == 3


def test_a_confirmed_list_is_erased_and_its_report_names_nobody(session, school, send):
    draft, seen = send(lists.siecle())
    confirm_import(session, school.id, draft.id, seen.plan.digest, by=None, now=NOW)
    assert (draft.content, draft.parts, draft.fixes) == ({}, [], {})
    assert draft.report["counts"]["created"] == 3
    assert "Gallo" not in json.dumps(draft.report)


def test_a_list_left_alone_disappears_after_a_day(session, send):
    send(lists.siecle())
    forget_imports(session, now=datetime(2026, 10, 9, 10, tzinfo=UTC))
    assert session.query(PupilImport).count() == 1
    forget_imports(session, now=datetime(2026, 10, 9, 10, 0, 1, tzinfo=UTC))
    assert session.query(PupilImport).count() == 0


def test_a_dropped_list_is_erased_at_once(session, school, send):
    draft, _ = send(lists.siecle())
    drop_import(session, school.id, draft.id)
    assert session.query(PupilImport).count() == 0


def test_another_school_never_finds_the_list(session, school, send):
    draft, _ = send(lists.siecle())
    other = make.school(session, school.territory, name="Collège Debussy")
    with pytest.raises(Exception, match="No row"):
        find_import(session, other.id, draft.id)


def test_a_list_of_another_school_is_refused(send):
    with pytest.raises(Refused, match="autre établissement"):
        send(lists.siecle(uai="0440286X"))


def test_a_list_of_another_year_is_pointed_at(send):
    _draft, seen = send(lists.siecle(year="2025"))
    assert any("2025-2026" in remark for remark in seen.content.remarks)


def test_pupils_the_list_forgets_stay(session, bring):
    bring(lists.siecle())
    plan = bring(TITLES + "Kaya;Inès;12/09/2012;3A;;;;;\n")
    assert plan.absent == 3
    assert session.query(Pupil).count() == 4


def test_lines_that_are_no_pupil_say_what_they_are(bring):
    line = "Kaya;Inès;12/09/2012;3A;;;;;\n"
    plan = bring(
        f"{TITLES}{line}{TITLES}Total : 1;;;1;;;;;\nÉdité le 1/10;;;;;;;;\nA;B;C;D;;;;;;X\n"
    )
    assert [line.reason for line in plan.lines[1:4]] == [
        "Titres répétés, pas un élève.",
        "Ligne de total, pas un élève.",
        "Une seule case remplie : ce n’est pas un élève.",
    ]
    assert "Plus de cases que de titres" in plan.lines[4].reason


def test_a_level_nobody_knows_is_refused_among_others_and_checked_alone(bring):
    fields = "Kaya;Inès;12/09/2012;{};;;;;\n"
    mixed = bring(TITLES + fields.format("Bleue") + "Roy;Tom;12/09/2014;5B;;;;;\n")
    assert outcomes(mixed) == {2: "refused", 3: "ignored"}
    alone = bring(TITLES + fields.format("Bleue"))
    assert outcomes(alone) == {2: "created"}
    assert alone.lines[0].to_check
