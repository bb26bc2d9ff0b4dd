import pytest

from web.adapters.places import communes_of, find


def names(communes):
    return [commune.name for commune in communes]


def test_the_four_postcodes_of_nantes_are_one_commune():
    for code in ("44000", "44100", "44200", "44300"):
        (nantes,) = find(code)
        assert nantes.insee == "44109"
        assert (round(nantes.lat), round(nantes.lon)) == (47, -2)


def test_a_postcode_may_hold_several_communes():
    assert {"Clisson", "Gorges"} <= set(names(find("44190")))
    assert names(find("44190", "gorges")) == ["Gorges"]


@pytest.mark.parametrize(
    ("code", "typed", "expected"),
    [
        ("44800", "ST HERBLAIN", "Saint-Herblain"),
        ("44 110", "chateaubriant", "Châteaubriant"),
        ("44290", "Guemene Penfao", "Guémené-Penfao"),
        ("44600", "st-nazaire", "Saint-Nazaire"),
        ("44322", "NANTES CEDEX 3", "Nantes"),
        ("44146", "Châteaubriant Cedex", "Châteaubriant"),
        ("75011", "Paris", "Paris 11e Arrondissement"),
        ("69003", "lyon 3e", "Lyon 3e Arrondissement"),
        ("20000", "Ajaccio", "Ajaccio"),
        ("97400", "St-Denis", "Saint-Denis"),
        ("01400", "l’abergement clemenciat", "L'Abergement-Clémenciat"),
    ],
)
def test_names_are_found_as_people_write_them(code, typed, expected):
    assert names(find(code, typed)) == [expected]


def test_without_postcode_the_name_is_enough():
    assert names(find("", "Trignac")) == ["Trignac"]


def test_nothing_is_found_for_nonsense():
    assert find("00000") == []
    assert find("") == []
    assert find("44000", "Atlantis") == []
    assert find("44000", "''") == []


def test_a_cedex_postcode_alone_is_not_guessed():
    assert find("44322") == []


def test_a_wrong_postcode_with_a_right_name_stays_in_its_departement():
    assert names(find("44999", "Donges")) == ["Donges"]
    assert find("75001", "Donges") == []


def test_the_communes_of_a_departement_come_by_name():
    found = communes_of("44")
    assert len(found) == 207
    assert found[0].name == "Abbaretz"
    assert communes_of("99") == []
