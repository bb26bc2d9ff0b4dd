"""What forms accept, how they write it down, and what they answer in French."""

from datetime import date

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import Length

from web.forms import checks
from web.forms.base import BaseForm, CheckboxesField, DateParts, required, required_choice
from web.services.errors import Refused


class Sample(BaseForm):
    name = StringField("Nom", [required("le nom de l’élève"), Length(max=12)])
    secret = PasswordField("Mot de passe")
    born = DateParts("Date de naissance", [required("la date de naissance")])
    seats = IntegerField("Places", [required("le nombre de places")])
    kind = RadioField(
        "Genre",
        [required_choice("Choisissez un genre.")],
        choices={"a": "A", "b": "B"},
    )
    klass = SelectField("Classe", choices={"1": "3e A"})
    families = CheckboxesField("Familles", choices={"x": "Bâtir", "y": "Soigner"})
    agree = BooleanField("Oui", [required("votre accord")])


GOOD = {
    "name": "Le Bihan",
    "born-day": "27",
    "born-month": "3",
    "born-year": "2012",
    "seats": "0",
    "kind": "a",
    "klass": "1",
    "agree": "y",
}


@pytest.fixture
def fill(app):
    """Fill in the sample form, checked."""

    def filled(**changes):
        with app.test_request_context(method="POST"):
            data = {k.replace("__", "-"): v for k, v in {**GOOD, **changes}.items()}
            form = Sample(MultiDict(data), meta={"csrf": False})
            form.validate()
            return form

    return filled


def test_a_full_answer_passes(fill):
    form = fill(families=["x", "y"])
    assert form.errors == {}
    assert form.born.data == date(2012, 3, 27)
    assert form.seats.data == 0
    assert form.families.data == ["x", "y"]


def test_texts_lose_their_outer_spaces_but_passwords_do_not(fill):
    form = fill(name="  Le Bihan ", secret=" a b ")
    assert form.name.data == "Le Bihan"
    assert form.secret.data == " a b "
    assert fill(name="  ").name.errors == ["Indiquez le nom de l’élève."]


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("name", "", "Indiquez le nom de l’élève."),
        ("seats", "", "Indiquez le nombre de places."),
        ("kind", "", "Choisissez un genre."),
        ("agree", "", "Indiquez votre accord."),
    ],
)
def test_an_empty_answer_says_what_is_missing_once(fill, field, typed, message):
    assert fill(**{field: typed})[field].errors == [message]


def test_the_messages_of_the_library_are_in_french(fill):
    form = fill(name="Un nom bien trop long", seats="deux", klass="9")
    assert form.name.errors == ["Le champ ne peut pas contenir plus de 12 caractères."]
    assert form.seats.errors == ["N'est pas un entier valide."]
    assert form.klass.errors == ["N'est pas un choix valide."]


@pytest.mark.parametrize(
    ("day", "month", "year", "message"),
    [
        ("31", "02", "2012", "Le 31/02/2012 n’existe pas."),
        ("31", "", "2012", "Il manque : mois."),
        ("", "", "2012", "Il manque : jour, mois."),
        ("27", "mars", "2012", "La date s’écrit en chiffres, par exemple 27 3 2012."),
        ("27", "3", "12", "L’année s’écrit avec quatre chiffres."),
        ("", "", "", "Indiquez la date de naissance."),
        ("²", "3", "2012", "La date s’écrit en chiffres, par exemple 27 3 2012."),
        ("1", "1", "0000", "Le 1/1/0000 n’existe pas."),
    ],
)
def test_a_wrong_date_is_named_and_kept(fill, day, month, year, message):
    form = fill(born__day=day, born__month=month, born__year=year)
    assert form.born.errors == [message]
    assert form.born.data is None
    assert [part.value for part in form.born.parts] == [day, month, year]


def test_a_known_date_fills_its_boxes(app):
    with app.test_request_context():
        form = Sample(None, born=date(2012, 3, 9), meta={"csrf": False})
    assert [part.value for part in form.born.parts] == ["9", "3", "2012"]


def test_mistakes_lead_to_the_first_control_of_their_field(fill):
    form = fill(name="", born__day="", kind="", lines__0__seats="40")
    assert form.mistakes() == [
        ("name", "Indiquez le nom de l’élève."),
        ("born-day", "Il manque : jour."),
        ("kind-0", "Choisissez un genre."),
    ]


def test_a_refusal_goes_to_its_field_or_above_the_form(fill):
    form = fill()
    form.refuse(Refused("Ce nom existe déjà.", field="name"))
    form.refuse(Refused("Les vœux sont clos."))
    assert form.mistakes() == [("name", "Ce nom existe déjà."), ("", "Les vœux sont clos.")]
    assert form.errors


class Contacts(BaseForm):
    siret = StringField("SIRET", [checks.siret])
    uai = StringField("UAI", [checks.uai])
    email = StringField("Courriel", [checks.email])
    phone = StringField("Téléphone", [checks.phone])
    postcode = StringField("Code postal", [checks.postcode])


@pytest.fixture
def checked(app):
    """Type something in one field; what is kept and what is answered."""

    def check(field, typed):
        with app.test_request_context(method="POST"):
            form = Contacts(MultiDict({field: typed}), meta={"csrf": False})
            form.validate()
            return form[field].data, [*form[field].errors]

    return check


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("siret", "732 829 320 00074", "73282932000074"),
        ("siret", "73282932000074", "73282932000074"),
        ("siret", "35600000049837", "35600000049837"),  # La Poste: sum of digits, no key
        ("siret", "", ""),
        ("uai", "0440284v", "0440284V"),
        ("uai", "0440 286X", "0440286X"),
        ("email", "Prenom.Nom@exemple.fr", "Prenom.Nom@exemple.fr"),
        ("email", "", ""),
        ("phone", "0240000000", "02 40 00 00 00"),
        ("phone", "+33 2 40 00 00 00", "02 40 00 00 00"),
        ("phone", "+33 (0)2.40.00.00.00", "02 40 00 00 00"),
        ("phone", "", ""),
        ("postcode", "44 000", "44000"),
    ],
)
def test_a_good_identifier_is_kept_its_usual_way(checked, field, typed, kept):
    assert checked(field, typed) == (kept, [])


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("siret", "7328293200007", "Un numéro SIRET a 14 chiffres."),
        ("siret", "73282932000075", "Ce numéro SIRET n’existe pas : un chiffre est faux."),
        ("siret", "35600000049838", "Ce numéro SIRET n’existe pas : un chiffre est faux."),
        ("siret", "7328293200007²", "Un numéro SIRET a 14 chiffres."),
        ("uai", "0440284A", "Le code UAI 0440284A n’existe pas"),
        ("uai", "044028", "Un code UAI a sept chiffres et une lettre"),
        ("email", "gwen.exemple.fr", "Il manque le signe @ et ce qui le suit."),
        ("email", "gwen@", "Il manque la partie après @."),
        ("email", "@exemple.fr", "Il manque la partie avant @."),
        ("email", "gwen@exemple", "Cette adresse n’est pas valable."),
        ("phone", "02 40 00 00", "Un numéro de téléphone a dix chiffres"),
        ("phone", "00 40 00 00 00", "Un numéro de téléphone a dix chiffres"),
        ("postcode", "4400", "Un code postal a cinq chiffres"),
    ],
)
def test_a_wrong_identifier_is_told_how(checked, field, typed, message):
    kept, errors = checked(field, typed)
    assert kept == typed
    assert len(errors) == 1
    assert errors[0].startswith(message)


def test_the_uai_of_every_shipped_school_is_good(checked):
    for code in ("0440284V", "0440286X", "0440536U", "0441613P", "0440311Z", "0440013A"):
        assert checked("uai", code) == (code, [])
