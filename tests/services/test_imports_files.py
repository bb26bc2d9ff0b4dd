"""Files as they come: each is read for what it holds, or refused in words."""

import zipfile
from datetime import date
from io import BytesIO

import pytest

from models import ClassKind
from tests.services import lists
from web.services.errors import Refused
from web.services.imports.columns import Part, find_header, guess_header, part_of
from web.services.imports.reading import read_file
from web.services.imports.text import decode, read_pasted
from web.services.imports.values import (
    Unreadable,
    level_of,
    read_class,
    read_date,
    read_name,
    split_name,
)

NOMENCLATURE = (
    "<BEE_NOMENCLATURES><DONNEES><MEFS><MEF CODE_MEF='99910019110'>"
    "<LIBELLE_LONG>3EME BILANGUE</LIBELLE_LONG></MEF></MEFS></DONNEES></BEE_NOMENCLATURES>"
)
PARTS_OF_GEPI = {
    "Classe": Part.CLASS,
    "Nom de famille": Part.LAST_NAME,
    "Prénom": Part.FIRST_NAME,
    "Date de naissance": Part.BIRTH_DATE,
    "Lieu naissance": Part.SENSITIVE,
    "Nom Responsable légal 1": Part.GUARDIAN1,
}


def held(table):
    """The useful cells of a table, by part, line after line."""
    header = find_header(table.rows) or guess_header(table.rows)
    body = table.rows if header.index is None else table.rows[header.index + 1 :]
    useful = [
        (at, p) for at, p in enumerate(header.parts) if p not in (Part.IGNORED, Part.SENSITIVE)
    ]
    return [{p.value: row.cells[at] for at, p in useful if at < len(row.cells)} for row in body]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252", "iso8859-15", "mac_roman"])
def test_accents_survive_every_encoding(encoding):
    text = "Nom;Prénom\nCœur;Zoë\nDuprée;Anaïs\nN'Goma;François\n"
    assert decode(text.encode(encoding))[0] == text


def test_accents_saved_twice_are_put_right():
    text = "Nom;Prénom\nDuprée;Anaïs\n"
    assert decode(text.encode().decode("cp1252").encode())[0] == text


@pytest.mark.parametrize("separator", [";", "\t", ",", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_separator_and_any_end_of_line(separator, end):
    rows = [["Nom", "Prénom", "Né(e) le", "Classe"], ["Roy", "Tom", "1/2/2012", "3A"]]
    text = end.join(separator.join(row) for row in rows)
    (line,) = held(read_file(text.encode()))
    assert line == {
        "last_name": "Roy",
        "first_name": "Tom",
        "birth_date": "1/2/2012",
        "class": "3A",
    }


def test_line_numbers_are_those_of_the_file():
    table = read_file(lists.PRONOTE.encode("utf-8-sig"))
    assert [row.number for row in table.rows] == [1, 2, 5, 6]


def test_a_quote_never_closed_swallows_nothing():
    text = 'Nom;Prénom;Né(e) le;Classe\n"Roy;Tom;1/2/2012;3A\nPetit "Léo";Léo;1/3/2012;3A\n'
    assert len(held(read_file(text.encode()))) == 2


def test_excel_names_its_separator_on_a_first_line():
    text = 'sep=,\r\nNom,Prénom,Naissance,Classe\r\n"Roy",Tom,1/2/2012,="3A"\r\n'
    (line,) = held(read_file(text.encode()))
    assert line["class"] == "3A"


def test_a_pasted_table_may_have_no_titles():
    text = "3A\tDUPONT\tJean\t12/03/2012\n3B\tMARTIN\tPaul\t13/03/2012\n"
    assert held(read_pasted(text))[1] == {
        "class": "3B",
        "last_name": "MARTIN",
        "first_name": "Paul",
        "birth_date": "13/03/2012",
    }


def test_a_workbook_with_titles_above_and_a_total_below():
    data = lists.xlsx(
        [
            ["Collège Stendhal, élèves de 3e"],
            [],
            [None, None, None, None, "Responsable 1", None],
            ["NOM", "PRENOM", "DATE DE NAISSANCE", "CLASSE", "NOM", "MEL"],
            ["Abdi", "Sara", date(2012, 2, 29), "3E2", "Farah Abdi", "f@example.org"],
            ["Li", "Bo", 40999, 300, "", ""],
            ["Total", None, None, "=COUNTA(A5:A6)"],
        ],
        Notes=[["pour mémoire"]],
    )
    table = read_file(data)
    assert table.remarks == ["Feuilles laissées de côté : Notes."]
    assert [row.number for row in table.rows] == [1, 3, 4, 5, 6, 7]
    first, second, total = held(table)
    assert first["birth_date"] == "29/02/2012"
    assert (first["guardian1"], first["guardian1_email"]) == ("Farah Abdi", "f@example.org")
    assert (second["birth_date"], second["class"]) == ("40999", "300")
    assert total["class"] == "=COUNTA(A5:A6)"


def test_siecle_gives_the_division_never_the_group():
    first = held(read_file(lists.siecle()))[0]
    assert (first["class"], first["last_name"], first["ine"]) == ("3A", "LE GALLO", "123456789AB")


def test_siecle_tells_what_it_holds_and_nobody_reads():
    more = b"<PRENOM2>Rose</PRENOM2><VILLE_NAISS>NANTES</VILLE_NAISS><CODE_REGIME>2</CODE_REGIME>"
    data = lists.siecle().replace(b"</PRENOM>", b"</PRENOM>" + more)
    assert read_file(data).never == ["Nationalité", "Lieu de naissance", "Régime"]


def test_siecle_that_lies_about_its_encoding_is_read_all_the_same():
    lying = lists.siecle(encoding="cp1252").replace(b"ISO-8859-15", b"UTF-8")
    assert held(read_file(lying))[0]["first_name"] == "Maëlle"


def test_an_archive_with_folders_and_the_nomenclature():
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("__MACOSX/._Eleves.xml", b"\0\0")
        archive.writestr("export/Nomenclature.xml", NOMENCLATURE)
        archive.writestr("export/ResponsablesAvecAdresses.xml", "<BEE_RESPONSABLES/>")
        pupils = lists.siecle().replace(b"10310019110", b"99910019110")
        archive.writestr("export/ElevesAvecAdresses.xml", pupils)
    assert held(read_file(made.getvalue()))[0]["level"] == "3EME BILANGUE"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "vide"),
        (b"\x00\x01\x02" * 50, "pas une liste"),
        (b"\xff\xd8\xff\xe0", "photo"),
        (b"MZ\x90", "programme"),
        (b"PK\x03\x04rubbish", "abîmée"),
        (lists.siecle()[:900], "coupé ou abîmé"),
        (b"<BEE_RESPONSABLES/>", "pas une liste d’élèves"),
        (lists.zipped(**{"word/document__xml": b"<a/>"}), "pas un classeur"),
        (lists.zipped(photo__jpg=b"x"), "ni XML"),
        (lists.zipped(a__csv=b"0" * (61 << 20)), "beaucoup trop grande"),
        (b"a;b\n" * 5001, "plus de 5000 lignes"),
        (b"x" * (5 * 1024 * 1024 + 1), "5 Mo au plus"),
        (b'Nom;Pr\xe9nom\n"' + b"a" * 300_000, "ne se laissent pas lire"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><BEE_ELEVES/>', "interdites"),
    ],
)
def test_what_is_no_list_is_refused_in_words(data, words):
    with pytest.raises(Refused, match=words):
        read_file(data)


def test_a_small_workbook_that_opens_on_millions_of_cells_is_refused():
    cells = b"<worksheet><sheetData><row>" + b"<c><v>1</v></c>" * 500_000
    made = BytesIO()
    deflated = zipfile.ZIP_DEFLATED
    plain = BytesIO(lists.xlsx([["a"]]))
    with zipfile.ZipFile(plain) as good, zipfile.ZipFile(made, "w", deflated) as bad:
        for name in good.namelist():
            bad.writestr(name, cells if "sheet1" in name else good.read(name))
    assert len(made.getvalue()) < 100_000
    for data in (made.getvalue(), lists.zipped(liste__xlsx=made.getvalue())):
        with pytest.raises(Refused, match="beaucoup trop grand"):
            read_file(data)


def test_a_workbook_with_entities_is_refused():
    sheet = b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet><sheetData/></worksheet>'
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(lists.xlsx([["a"]]))) as good, zipfile.ZipFile(made, "w") as bad:
        for name in good.namelist():
            bad.writestr(name, sheet if "sheet1" in name else good.read(name))
    with pytest.raises(Refused, match="abîmé"):
        read_file(made.getvalue())


@pytest.mark.parametrize(("title", "part"), PARTS_OF_GEPI.items())
def test_titles_of_gepi(title, part):
    assert part_of(title) is part


@pytest.mark.parametrize(
    "title",
    [
        "Boursier", "Échelon de bourse", "Adresse", "Adresse responsable", "Nationalité",
        "Pays de naissance", "Régime", "Projet d’accompagnement", "PAI", "Santé", "Tél. resp. 1",
        "Profession resp. 2", "Commune de naissance", "Courriel élève", "Allergies", "Observations",
    ],
)  # fmt: skip
def test_titles_of_what_is_never_read(title):
    assert part_of(title) is Part.SENSITIVE


@pytest.mark.parametrize(
    ("title", "part"),
    [
        ("Adresse mail du responsable légal 2", Part.GUARDIAN2_EMAIL),
        ("Mail resp. 1", Part.GUARDIAN1_EMAIL),
        ("Lib. Structure", Part.CLASS),
        ("Id National", Part.INE),
        ("Élève", Part.FULL_NAME),
        ("Nom de naissance", Part.LAST_NAME),
        ("Prénom 2", Part.IGNORED),
        ("Classe année précédente", Part.IGNORED),
        ("Etablissement", Part.IGNORED),
    ],
)
def test_titles_that_look_like_others(title, part):
    assert part_of(title) is part


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("3A", "3e A"), ("3 A", "3e A"), ("3eA", "3e A"), ("3EME A", "3e A"), ("3ème-A", "3e A"),
        ("3°A", "3e A"), ("Troisième A", "3e A"), ("3A [3ALL2]", "3e A"), ("3A, 3LATIN", "3e A"),
        ("3E2", "3e 2"), ("3e 2", "3e 2"), ("3,00E+02", "3e 2"), ("300", "3e 2"), ("3 02", "3e 2"),
        ("3E", "3e E"), ("3e", "3e"), ("3EME", "3e"), ("3SEGPA", "3e SEGPA"), ("Bleue", "Bleue"),
    ],
)  # fmt: skip
def test_one_class_has_one_name(written, name):
    assert read_class(written).name == name


def test_kinds_of_classes():
    assert read_class("3 SEGPA 1").kind is ClassKind.SEGPA
    assert read_class("3e Prépa-métiers").kind is ClassKind.PREPA_METIERS


@pytest.mark.parametrize("written", ["", "ULIS", "3ULIS", "UPE2A", "=A1", "x" * 41])
def test_what_is_no_class(written):
    with pytest.raises(Unreadable):
        read_class(written)


@pytest.mark.parametrize(
    "written",
    [
        "12/03/2012", "12/3/12", "12-03-2012", "12.03.2012", "2012-03-12", "2012-03-12T00:00:00",
        "12/03/2012 00:00", "12032012", "20120312", "40980", "12 mars 2012", "né le 12/03/2012",
        "lundi 12 mars 2012",
    ],
)  # fmt: skip
def test_one_day_has_one_date(written):
    assert read_date(written) == date(2012, 3, 12)


@pytest.mark.parametrize("written", ["", "31/02/2012", "03/27/2012", "12/2012", "=A1", "hier"])
def test_what_is_no_date(written):
    with pytest.raises(Unreadable):
        read_date(written)


def test_names_that_shout_are_calmed_and_others_kept():
    assert read_name("N'DIAYE-LE GOFF", "nom") == "N’Diaye-Le Goff"
    assert read_name("McDonald", "nom") == "McDonald"
    for wrong in ("=HYPERLINK(1)", "+33", "@x", "-cmd", "<b>", "R2D2", ""):
        with pytest.raises(Unreadable):
            read_name(wrong, "nom")


def test_a_name_in_one_cell():
    assert split_name("DE LA TOUR Marie-Ange") == ("DE LA TOUR", "Marie-Ange")
    assert split_name("Marie DUPONT") == ("DUPONT", "Marie")
    assert split_name("Le Goff, Anne") == ("Le Goff", "Anne")
    with pytest.raises(Unreadable):
        split_name("Anne Le Goff")


@pytest.mark.parametrize(
    ("level", "name", "found"),
    [
        ("10310019110", "A", 3), ("10210001110", "3A", 4), ("16710002110", "", 3), ("3EME", "", 3),
        ("", "4C", 4), ("", "Bleue", None), ("TROISIEME", "", 3), ("99999999999", "3A", 3),
    ],
)  # fmt: skip
def test_levels(level, name, found):
    assert level_of(level, name) == found
