from datetime import date, timedelta

import pytest

from models import (
    Account,
    Event,
    Invitation,
    Message,
    MessageKind,
    Role,
    SignInAttempt,
    account_with_memberships,
)
from tests import factories as f
from tests.factories import WISHES_TIME as NOW
from web.services.accounts import (
    LINK_LIFE,
    LINKS_PER_HOUR,
    WRONG_CODE,
    WRONG_PASSWORD,
    accept_invitation,
    choose_password,
    enter_by_link,
    give_address,
    invitation_of,
    invite,
    request_link,
    sign_in_with_code,
    sign_in_with_password,
)
from web.services.attempts import FAILURES_PER_ADDRESS, LOCKED, Locked
from web.services.errors import Gone, Refused
from web.services.schools import renew_code

CODE, BIRTH = "ACDE-FGH-JKMN", date(2012, 3, 9)
PASSWORD = "quatre mots pour entrer"
HERE = "192.0.2.7"


@pytest.fixture
def family(session):
    """Lina, her code, and her guardian with a code of her own."""
    where = f.territory(session)
    made = f.campaign(session, where)
    klass = f.school_class(session, made, f.school(session, where), f.weeks_of(session, made))
    guardian = f.guardian(session)
    guardian.code_digest = f.code_digest(session, "QQQQ-WWW-RRRR")
    return f.pupil(session, klass, code=CODE, guardian=guardian)


@pytest.fixture
def head(session):
    """A head who has chosen a password."""
    where = f.territory(session, "85")
    member = f.head(session, f.school(session, where), email="tete@example.org")
    token = invite(session, member.account, now=NOW)
    return accept_invitation(session, token, PASSWORD, now=NOW)


def by_letter(session, code=CODE, born=BIRTH, *, address=HERE, now=NOW):
    return sign_in_with_code(session, code, born, address=address, now=now)


def by_mail(session, email="tete@example.org", password=PASSWORD, *, address=HERE, now=NOW):
    return sign_in_with_password(session, email, password, address=address, now=now)


def test_a_letter_opens_the_pupils_account_once(session, family):
    first = by_letter(session, "acde fgh jkmn")
    again = by_letter(session)
    assert first.id == again.id
    [role] = session.scalars(account_with_memberships(first.id)).one().memberships
    assert (role.role, role.pupil_id) == (Role.PUPIL, family.id)
    assert session.query(Account).count() == 1


def test_a_guardian_signs_in_with_a_childs_birth_date(session, family):
    account = by_letter(session, "QQQQ-WWW-RRRR")
    [role] = session.scalars(account_with_memberships(account.id)).one().memberships
    assert (role.role, role.guardian_id) == (Role.GUARDIAN, family.guardians[0].id)
    assert account.email is None


@pytest.mark.parametrize(
    ("code", "born"), [(CODE, date(2012, 9, 3)), ("AAAA-AAA-AAAA", BIRTH), ("", BIRTH)]
)
def test_a_wrong_letter_says_the_same_whatever_is_wrong(session, family, code, born):
    with pytest.raises(Refused, match=WRONG_CODE):
        by_letter(session, code, born)
    assert session.query(Account).count() == 0


def test_five_failures_lock_a_code_for_fifteen_minutes(session, family):
    for _ in range(5):
        with pytest.raises(Refused, match=WRONG_CODE):
            by_letter(session, born=date(2011, 1, 1))
    with pytest.raises(Locked, match=LOCKED):
        by_letter(session)
    with pytest.raises(Locked):
        by_letter(session, now=NOW + timedelta(minutes=15))
    by_letter(session, now=NOW + timedelta(minutes=15, seconds=1))


def test_a_classmates_mistakes_do_not_lock_the_others(session, family):
    for _ in range(5):
        with pytest.raises(Refused):
            by_letter(session, "TTTT-TTT-TTTT")
    assert by_letter(session)


def test_a_hundred_failures_lock_an_address_for_everyone_there(session, family):
    for number in range(FAILURES_PER_ADDRESS):
        with pytest.raises(Refused):
            by_letter(session, f"code {number}")
    with pytest.raises(Locked):
        by_letter(session)
    assert by_letter(session, address="192.0.2.8")


def test_attempts_keep_neither_codes_nor_addresses(session, family):
    with pytest.raises(Refused):
        by_letter(session, born=date(2011, 1, 1))
    [attempt] = session.query(SignInAttempt)
    assert HERE not in attempt.address_digest
    assert len(attempt.target_digest) == len(attempt.address_digest) == 64


def test_mail_and_password_open_the_account_whatever_the_case(session, head):
    assert by_mail(session, " Tete@Example.ORG ").id == head.id
    assert head.last_seen_at == NOW


@pytest.mark.parametrize("email", ["tete@example.org", "inconnue@example.org"])
def test_a_wrong_password_and_an_unknown_address_read_the_same(session, head, email):
    with pytest.raises(Refused, match=WRONG_PASSWORD):
        by_mail(session, email, "un autre mot de passe")


def test_five_failures_lock_a_mail_address_known_or_not(session, head):
    for email in ("tete@example.org", "inconnue@example.org"):
        for _ in range(5):
            with pytest.raises(Refused, match=WRONG_PASSWORD):
                by_mail(session, email, "un autre mot de passe")
        with pytest.raises(Locked):
            by_mail(session, email)


def test_nobody_enters_before_the_link_of_the_mail(session):
    member = f.head(session, f.school(session, f.territory(session)), email="neuve@example.org")
    member.account.confirmed_at = None
    invite(session, member.account, now=NOW)
    with pytest.raises(Refused, match=WRONG_PASSWORD):
        by_mail(session, "neuve@example.org", "")


def test_a_link_is_mailed_and_serves_once(session):
    member = f.head(session, f.school(session, f.territory(session)), email="neuve@example.org")
    member.account.confirmed_at = None
    token = invite(session, member.account, now=NOW)
    [message] = session.query(Message)
    assert (message.kind, message.recipient) == (MessageKind.CONFIRM_ADDRESS, "neuve@example.org")
    assert message.params["token"] == token
    assert token not in session.query(Invitation).one().token_digest
    assert invitation_of(session, token, now=NOW).account is member.account
    account = accept_invitation(session, token, PASSWORD, now=NOW)
    assert account.confirmed_at == NOW
    assert PASSWORD not in account.password_hash
    with pytest.raises(Gone):
        accept_invitation(session, token, "un autre mot de passe", now=NOW)
    assert by_mail(session, "neuve@example.org")


def test_a_link_dies_after_two_days_or_when_another_leaves(session, head):
    first = invite(session, head, now=NOW)
    second = invite(session, head, now=NOW)
    with pytest.raises(Gone):
        invitation_of(session, first, now=NOW)
    assert invitation_of(session, second, now=NOW + LINK_LIFE - timedelta(seconds=1))
    with pytest.raises(Gone):
        invitation_of(session, second, now=NOW + LINK_LIFE)


@pytest.mark.parametrize(
    "weak", ["court", "aaaaaaaaaaaaaaaa", "tete@example.org", "x" * 201, "TETE@example.org !"]
)
def test_weak_passwords_are_refused_at_their_field_and_the_link_stays(session, head, weak):
    token = invite(session, head, now=NOW)
    with pytest.raises(Refused) as refused:
        accept_invitation(session, token, weak, now=NOW)
    assert refused.value.field == "password"
    assert invitation_of(session, token, now=NOW).account is head


def test_asking_for_a_link_tells_nothing_and_cannot_flood(session, head):
    before = session.query(Message).count()
    request_link(session, "inconnue@example.org", now=NOW)
    assert session.query(Message).count() == before
    for _ in range(5):
        request_link(session, "tete@example.org", now=NOW)
    assert session.query(Message).count() == before + 3
    request_link(session, "tete@example.org", now=NOW + timedelta(hours=1, seconds=1))
    assert session.query(Message).count() == before + 4


def test_the_journal_holds_ids_only(session, family, head):
    by_letter(session)
    for event in session.query(Event):
        assert "Bernard" not in f"{event.subject} {event.details}"


def link_of(session, recipient):
    message = session.query(Message).filter_by(recipient=recipient).order_by(Message.id.desc())
    assert message.first().kind is MessageKind.FAMILY_LINK
    return message.first().params["token"]


def test_once_a_password_is_chosen_the_code_only_names_the_account(session, family):
    account = by_letter(session)
    choose_password(session, account.id, PASSWORD, current="", now=NOW)
    with pytest.raises(Refused, match="mot de passe a été choisi"):
        by_letter(session)
    assert by_mail(session, "acde fgh jkmn").id == account.id
    with pytest.raises(Refused, match=WRONG_PASSWORD):
        by_mail(session, CODE, "quatre mots pour rien")
    with pytest.raises(Refused) as refused:
        choose_password(session, account.id, "cinq mots pour entrer ici", current="faux", now=NOW)
    assert refused.value.field == "current"
    choose_password(session, account.id, "cinq mots pour entrer ici", current=PASSWORD, now=NOW)


def test_wrong_passwords_lock_the_code_too(session, family):
    choose_password(session, by_letter(session).id, PASSWORD, current="", now=NOW)
    for _ in range(5):
        with pytest.raises(Refused, match=WRONG_PASSWORD):
            by_mail(session, CODE, "quatre mots pour rien")
    for enter in (by_letter, lambda s: by_mail(s, CODE)):
        with pytest.raises(Locked):
            enter(session)


def test_a_new_code_opens_again_whatever_password_is_forgotten(session, family):
    account = by_letter(session)
    choose_password(session, account.id, PASSWORD, current="", now=NOW)
    letter = renew_code(session, family.school_id, family.id, by=account.id, now=NOW)
    with pytest.raises(Refused, match=WRONG_PASSWORD):
        by_mail(session, CODE)
    assert by_letter(session, letter.code).id == account.id


def test_a_family_enters_by_a_link_once_its_address_is_confirmed(session, family):
    account = by_letter(session, "QQQQ-WWW-RRRR")
    give_address(session, account.id, "Samira.Neuve@example.org", now=NOW)
    assert account.email is None
    token = link_of(session, "samira.neuve@example.org")
    assert enter_by_link(session, token, now=NOW).email == "samira.neuve@example.org"
    assert family.guardians[0].email == "samira.neuve@example.org"
    assert session.query(Invitation).one().email is None
    with pytest.raises(Gone):
        enter_by_link(session, token, now=NOW)
    request_link(session, "samira.neuve@example.org", now=NOW)
    assert enter_by_link(session, link_of(session, account.email), now=NOW).id == account.id


def test_an_address_serves_one_account_and_only_its_reader_learns_it(session, family, head):
    account = by_letter(session)
    give_address(session, account.id, head.email, now=NOW)
    with pytest.raises(Refused, match="autre compte"):
        enter_by_link(session, link_of(session, head.email), now=NOW)
    session.rollback()
    assert account.email is None
    for number in range(1, LINKS_PER_HOUR):
        give_address(session, account.id, f"adresse{number}@example.org", now=NOW)
    with pytest.raises(Refused, match="attendre une heure"):
        give_address(session, account.id, "encore@example.org", now=NOW)


def test_a_link_of_a_professional_never_opens_without_a_password(session, head):
    request_link(session, head.email, now=NOW)
    token = session.query(Message).order_by(Message.id.desc()).first().params["token"]
    with pytest.raises(Gone):
        enter_by_link(session, token, now=NOW)
