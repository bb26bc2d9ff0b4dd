"""Main teachers, colleagues, reminders and wishes written for a pupil, page by page."""

from datetime import timedelta

import pytest

from models import (
    ClassKind,
    Event,
    Membership,
    Message,
    MessageKind,
    Origin,
    Placement,
    PlacementState,
    Pupil,
    Role,
    RoundState,
    TaughtClass,
)
from tests import factories as make
from tests.factories import PUBLISH_AT, WISHES_TIME
from web.services.found_places import Found, check_place, declare_place
from web.services.freeze import in_round


class Town:
    """A school with two classes, a pupil in each, its head and the teacher of the first."""

    def __init__(self, session):
        where = make.territory(session)
        self.season = make.campaign(session, where)
        self.round = self.season.rounds[0]
        self.weeks = make.weeks_of(session, self.season)
        self.school = make.school(session, where)
        self.a = make.school_class(session, self.season, self.school, self.weeks)
        self.b = make.school_class(session, self.season, self.school, self.weeks, "3e B")
        self.lina = make.pupil(session, self.a, guardian=make.guardian(session))
        self.malo = make.pupil(session, self.b, "Malo", "Perrin")
        host = make.host(session, where)
        seats = dict.fromkeys(self.weeks, 2)
        self.wood = make.offer(session, self.season, host, seats, title="Voir une menuiserie")
        self.draw = make.offer(session, self.season, host, seats, title="Dessiner")
        self.head = make.head(session, self.school)
        self.teacher = make.member(session, Role.TEACHER, school=self.school, name="Ada Roux")
        session.add(TaughtClass(membership_id=self.teacher.id, school_class_id=self.a.id))
        session.commit()

    def hold(self, session, pupil):
        """Give a pupil a published place."""
        place = Placement(
            campaign_id=self.season.id,
            round=self.round,
            pupil=pupil,
            offer_week=self.wood.weeks[0],
            origin=Origin.RUN,
            created_at=PUBLISH_AT,
        )
        session.add(place)
        self.round.state, self.round.published_at = RoundState.PUBLISHED, PUBLISH_AT
        session.commit()
        return place


@pytest.fixture
def town(session):
    return Town(session)


def words(page):
    return " ".join(page.main.get_text(" ").split())


def messages(session, kind):
    found = session.query(Message).filter_by(kind=kind).all()
    session.commit()
    return found


def test_a_main_teacher_sees_only_her_classes(town, pages_as):
    teacher = pages_as(town.teacher)
    page = teacher.get("/college/eleves")
    assert "Lina Bernard" in words(page)
    assert "Malo" not in words(page)
    assert "3e B" not in words(teacher.get("/college/"))
    assert b"Perrin" not in teacher.get("/college/eleves/suivi.csv").data
    for address in (f"eleves/{town.malo.id}", f"classes/{town.b.id}"):
        teacher.get(f"/college/{address}", 404)
    for address in (
        f"eleves/{town.malo.id}/code",
        f"classes/{town.b.id}/lettres",
        f"eleves/{town.malo.id}/voeux/{town.wood.id}/ajouter",
    ):
        teacher.post(f"/college/{address}", 404)


def test_what_heads_do_is_not_for_teachers(town, pages_as):
    teacher = pages_as(town.teacher)
    teacher.get("/college/equipe", 403)
    teacher.post(f"/college/eleves/{town.lina.id}/retirer", 403)
    teacher.post(f"/college/classes/{town.a.id}", 403, weeks=[town.weeks[0].id])


def test_a_place_found_by_a_family_is_urgent_then_counted_apart(town, session, pages_as):
    place = Found(
        week_id=town.weeks[0].id,
        host_name="Garage Dupont",
        address="4 rue Haute",
        postcode="44000",
        commune="Nantes",
        tutor_name="M. Dupont",
        tutor_contact="02 40 00 00 00",
    )
    declare_place(session, town.lina.id, place, by=town.head.account_id, now=WISHES_TIME)
    head = pages_as(town.head)
    page = head.get("/college/")
    assert "1 stage trouvé par une famille est à vérifier" in words(page)
    assert "0 sur 2" in words(page)
    assert "Stage trouvé, à vérifier" in words(head.get("/college/eleves"))
    check_place(session, town.lina.id, town.school.id, by=town.head.account_id, now=WISHES_TIME)
    page = head.get("/college/")
    assert "0 sur 1" in words(page)
    assert "à vérifier" not in words(page)
    page = head.post("/college/eleves/relancer", pupil=[town.lina.id])
    assert "0 message en partance" in words(page)


def test_a_colleague_is_invited_given_classes_and_removed(town, session, pages_as):
    visitor = pages_as(town.head)
    visitor.get("/college/equipe")
    wanted = {"name": "Noé Petit", "email": "noe@example.org", "role": "teacher"}
    page = visitor.submit("Envoyer l’invitation", status=409, **wanted)
    assert "au moins une classe" in page.select_one("#classes-error").text
    assert page.select_one("#email")["value"] == "noe@example.org"
    page = visitor.submit("Envoyer l’invitation", **wanted, classes=[str(town.b.id)])
    assert "Invitation envoyée à noe@example.org" in words(page)
    assert len(messages(session, MessageKind.CONFIRM_ADDRESS)) == 1
    page = visitor.submit("Envoyer l’invitation", status=409, **wanted, classes=[str(town.b.id)])
    assert "déjà dans l’équipe" in words(page)
    page = visitor.submit("Renvoyer le lien\u00a0: Noé Petit")
    assert "L’ancien ne sert plus" in words(page)
    page = visitor.submit("Retirer de l’équipe\u00a0: Noé Petit")
    assert "Noé Petit" not in words(page)


def test_nobody_removes_herself_nor_the_team_of_another_school(town, session, pages_as):
    other = make.head(session, make.school(session, town.school.territory, name="Autre"))
    session.commit()
    pages_as(town.head).post(f"/college/equipe/{town.head.id}/retirer", 409)
    pages_as(other).post(f"/college/equipe/{town.teacher.id}/retirer", 404)
    pages_as(other).get(f"/college/equipe/{town.teacher.id}/classes", 404)
    assert session.get(Membership, town.teacher.id)


def test_who_works_in_two_schools_is_written_to_once_and_can_switch(town, session, pages_as):
    other = make.school(session, town.school.territory, name="Autre")
    there = make.head(session, other)
    email = there.account.email
    session.commit()
    pages_as(town.head).post("/college/equipe", name="Zoé", email=email, role="school")
    told = messages(session, MessageKind.TEAM_JOINED) + messages(
        session, MessageKind.CONFIRM_ADDRESS
    )
    assert [one.recipient for one in told] == [email]
    session.add(Membership(account=town.head.account, role=Role.SCHOOL, school=other))
    session.commit()
    assert "Changer de rôle" in pages_as(town.head).get("/college/").text


def test_chosen_families_are_reminded_once_a_day(town, session, pages_as, clock):
    visitor = pages_as(town.head)
    visitor.get("/college/eleves")
    chosen = [str(town.lina.id), str(town.malo.id)]
    page = visitor.submit("Relancer les familles cochées", pupil=chosen)
    assert "1 message en partance" in words(page)
    assert "Sans adresse, à voir au collège : Malo Perrin" in words(page)
    page = visitor.submit("Relancer les familles cochées", pupil=chosen)
    assert "déjà un rappel aujourd’hui" in words(page)
    clock.move_to(WISHES_TIME + timedelta(days=1))
    visitor.submit("Relancer les familles cochées", pupil=chosen)
    told = messages(session, MessageKind.SCHOOL_REMINDER)
    assert [one.recipient for one in told] == ["samira@example.org"] * 2
    page = visitor.submit("Relancer les familles cochées", pupil=[])
    assert "Choisissez au moins un élève" in words(page)


def test_wishes_are_written_for_a_pupil_and_said_to_be(town, session, pages_as):
    teacher = pages_as(town.teacher)
    teacher.get(f"/college/eleves/{town.lina.id}/voeux")
    teacher.submit("Ajouter\u00a0: «\u00a0Voir une menuiserie\u00a0»")
    page = teacher.submit("Ajouter\u00a0: «\u00a0Dessiner\u00a0»")
    assert [row.th.text for row in page.select("table")[0].select("tbody tr")] == [
        "Voir une menuiserie",
        "Dessiner",
    ]
    page = teacher.submit("Monter «\u00a0Dessiner\u00a0»")
    assert page.select("table")[0].select("tbody th")[0].text == "Dessiner"
    page = teacher.submit("Confirmer cette liste avec l’élève")
    assert "Liste confirmée le" in words(page)
    kinds = [e.kind for e in session.query(Event).filter_by(subject=f"pupil:{town.lina.id}")]
    assert kinds.count("wishes.on_behalf") == 4
    member = make.pupil_member(session, town.lina)
    session.commit()
    assert "par Ada Roux, pour le collège" in words(pages_as(member).get("/eleve/voeux"))
    assert "Ada Roux" in words(teacher.get(f"/college/eleves/{town.lina.id}"))


def test_a_list_changed_elsewhere_is_not_overwritten(town, session, pages_as):
    make.wishes(session, town.lina, town.wood, town.draw)
    town.lina.wishes_version = 3
    session.commit()
    address = f"/college/eleves/{town.lina.id}/voeux/{town.wood.id}/retirer"
    old = {"version": "2", "seen": f"{town.wood.id}"}
    page = pages_as(town.head).post(address, 409, **old)
    assert "changé sur un autre écran" in words(page)
    session.refresh(town.lina)
    assert len(town.lina.wishes) == 2


def test_a_leaver_frees_her_seat_and_loses_her_access(town, session, pages_as):
    make.pupil_member(session, town.lina)
    place = town.hold(session, town.lina)
    visitor = pages_as(town.head)
    page = visitor.get(f"/college/eleves/{town.lina.id}")
    assert "comme preuve du calcul" in words(page)
    page = visitor.submit("Noter son départ\u00a0: Lina Bernard")
    assert "Ont quitté le collège" in words(page)
    session.expire_all()
    assert place.state is PlacementState.WITHDRAWN
    assert session.query(Membership).filter_by(pupil_id=town.lina.id).count() == 0
    assert session.get(Pupil, town.lina.id).left_at is not None
    session.commit()
    assert "Départ noté" in words(visitor.get(f"/college/eleves/{town.lina.id}"))


def test_a_segpa_class_waits_for_the_head(town, session, pages_as):
    town.a.kind = ClassKind.SEGPA
    session.commit()
    assert not in_round(town.lina, town.round)
    visitor = pages_as(town.head)
    assert "à confirmer" in words(visitor.get("/college/"))
    visitor.get(f"/college/classes/{town.a.id}")
    visitor.submit("Enregistrer la fiche", takes_part="y")
    session.refresh(town.a)
    assert in_round(town.lina, town.round)
    town.round.state = RoundState.WISHES_CLOSED
    session.commit()
    address = f"/college/classes/{town.a.id}/fiche"
    page = visitor.post(address, 409, kind="segpa", teacher="")
    assert "Les vœux sont clos" in words(page)


def test_a_class_page_says_why_weeks_are_closed(town, pages_as):
    page = pages_as(town.head).get(f"/college/classes/{town.a.id}")
    assert "Vacances de Noël, zone B" in words(page)
