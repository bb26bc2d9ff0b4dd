"""The people whom a visitor of the demo may be, let in through the real services."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models import (
    USUAL,
    Account,
    HostKind,
    Network,
    Offer,
    Pupil,
    Role,
    Sector,
    account_by_email,
    weeks_of,
)
from web.adapters.schools import LOIRE_ATLANTIQUE
from web.demo.people import CLASSES, People
from web.format import day
from web.services.accounts import accept_invitation, invite
from web.services.hosts import HostEntry, SiteEntry, register_host
from web.services.offer_drafts import (
    Activity,
    Practical,
    save_practical,
    save_weeks,
    start_offer,
    submit_offer,
)
from web.services.offers import approve_offer
from web.services.staff import Staff, create_account

PASSWORD = "une place pour chacun"  # noqa: S105
ANIMATOR = "animation@example.org"
OTHER_ANIMATOR = "animation.cite@example.org"
OVERSEER = "prefecture@example.org"
HOST = "accueil@example.org"
FIRST_SCHOOL = next(iter(CLASSES))


@dataclass(frozen=True, slots=True)
class Door:
    """How one person comes in."""

    role: str
    who: str
    signs_in_with: str


def head_mail(uai: str) -> str:
    """The mail address of the head of a school."""
    return f"direction.{uai.lower()}@example.org"


def let_staff_in(session: Session, *, now: datetime) -> None:
    """Give an account to the animators and to the head of each school; one chooses a password."""
    departement = LOIRE_ATLANTIQUE.code
    for one in (
        Staff(OTHER_ANIMATOR, "Idris Faye", Role.ANIMATOR, departement, network=Network.CITE),
        Staff(OVERSEER, "Dominique Roux", Role.OVERSEER, departement),
        *(Staff(head_mail(uai), "La direction", Role.SCHOOL, uai=uai) for uai in CLASSES),
    ):
        create_account(session, one, now=now)
    first = Staff(ANIMATOR, "Maud Perrin", Role.ANIMATOR, departement, network=Network.FACE)
    accept_invitation(session, create_account(session, first, now=now), PASSWORD, now=now)


def share_password(session: Session) -> None:
    """Let the others in with the same password: hashing it for each would take the longest."""
    first = account_named(session, ANIMATOR)
    for email in (OTHER_ANIMATOR, OVERSEER, *map(head_mail, CLASSES)):
        account = account_named(session, email)
        account.password_hash, account.confirmed_at = first.password_hash, first.confirmed_at
        account.memberships[0].pending = False


def register_example_host(session: Session, campaign_id: int, *, now: datetime) -> Offer:
    """Register a host, post its offer and approve it, step by step as people do."""
    entry = HostEntry(
        name="Atelier naval Kerguen",
        kind=HostKind.COMPANY,
        site=SiteEntry(
            siret="99001234800013",
            name="Atelier naval Kerguen",
            address="8 quai des Charbonniers",
            postcode="44000",
            commune="Nantes",
        ),
        contact_name="Anne Kerguen",
        contact_email=HOST,
    )
    host = register_host(session, entry, address="127.0.0.1", now=now)
    account = account_named(session, HOST)
    link = invite(session, account, now=now, membership=account.memberships[0])
    accept_invitation(session, link, PASSWORD, now=now)
    activity = Activity(
        site_id=host.sites[0].id,
        title="Construire un bateau en bois",
        description="Tu traces, tu coupes, tu assembles : un canot prend forme en cinq jours.",
        sector=Sector.AERO_RAIL_NAVAL,
    )
    offer = start_offer(session, host.id, activity, form_key=None, by=account.id, now=now)
    mondays = [week.monday for week in session.scalars(weeks_of(campaign_id))]
    seats = {mondays[0]: 2, mondays[1]: 2, mondays[3]: 1}
    save_weeks(session, offer.id, host.id, seats, None, now=now)
    practical = Practical(
        days=USUAL,
        access="Navibus, arrêt Gare maritime",
        contact_name="Anne Kerguen",
        contact_email=HOST,
        safe=True,
        lunch="Repas tiré du sac, avec l’équipe",
        dress="Chaussures fermées ; le reste est prêté",
    )
    save_practical(session, offer.id, host.id, practical, now=now)
    submit_offer(session, offer.id, host.id, by=account.id, now=now)
    reader = account_named(session, ANIMATOR)
    later, territory_id = now + timedelta(hours=3), host.territory_id
    return approve_offer(session, offer.id, territory_id, by=reader.id, now=later)


def account_named(session: Session, email: str) -> Account:
    """The account of a mail address."""
    return session.scalars(account_by_email(email)).one()


def doors(pupil: Pupil, people: People) -> list[Door]:
    """One person of each role, and how to sign in."""
    guardian = pupil.guardians[0]
    born = day(pupil.birth_date, weekday=False)
    code, own = people.codes[str(pupil.code_digest)], people.codes[str(guardian.code_digest)]
    child = f"la naissance de {pupil.first_name} : {born}"
    return [
        Door("Élève", f"{pupil.full_name}, {pupil.school.name}", f"{code}, née ou né le {born}"),
        Door("Responsable légal", guardian.name, f"{own}, {child}"),
        Door("Collège", pupil.school.name, f"{head_mail(pupil.school.uai)} / {PASSWORD}"),
        Door("Structure d’accueil", "Atelier naval Kerguen", f"{HOST} / {PASSWORD}"),
        Door("Animation", "Maud Perrin (FACE)", f"{ANIMATOR} / {PASSWORD}"),
        Door("Préfecture", "Dominique Roux", f"{OVERSEER} / {PASSWORD}"),
    ]
