"""What is erased and when: pupils on the 31 August after their season, the proof a year later."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from models import (
    Account,
    Campaign,
    Guardian,
    Membership,
    Pupil,
    campaigns_up_to,
    every_pupil_of,
    free_texts,
    last_event,
    links_of_closed_accounts,
    memberships_of_families,
    memberships_of_guardian,
    messages_to_blank,
    proof_of,
)
from web.format import PARIS
from web.services import jobs
from web.services.journal import record
from web.services.journal_desk import forget_journal
from web.services.prospects import forget_prospects

FORGOTTEN, UNPROVED = "pupils.forgotten", "proof.erased"


def purge(session: Session, *, now: datetime) -> dict[str, int]:
    """Erase all whose time has come; return how many pupils and proofs went, by kind.

    Each campaign is one transaction; repeating the call erases nothing twice.
    """
    done = {"pupils": 0, "proofs": 0}
    year = now.astimezone(PARIS).year
    for campaign in session.scalars(campaigns_up_to(year - 1)).all():
        if now >= forgotten_at(campaign.season) and not _done(session, campaign, FORGOTTEN):
            done["pupils"] += _forget_pupils(session, campaign, now)
        if now >= unproved_at(campaign.season) and not _done(session, campaign, UNPROVED):
            done["proofs"] += 1
            _erase_proof(session, campaign, now)
    forget_prospects(session, now=now)
    forget_journal(session, now=now)
    jobs.purge(session, now=now)
    return done


def forgotten_at(season: int) -> datetime:
    """The first second of the 31 August after a season, in France."""
    return datetime(season + 1, 8, 31, tzinfo=PARIS)


def unproved_at(season: int) -> datetime:
    """One year later: nobody can appeal any more."""
    return datetime(season + 2, 8, 31, tzinfo=PARIS)


def _done(session: Session, campaign: Campaign, kind: str) -> bool:
    return session.scalar(last_event(f"campaign:{campaign.id}", kind)) is not None


def _forget_pupils(session: Session, campaign: Campaign, now: datetime) -> int:
    for statement in free_texts(campaign.id):
        session.execute(statement)
    for held in session.scalars(memberships_of_families(campaign.id)).all():
        _close(session, held)
    pupils = session.scalars(every_pupil_of(campaign.id)).all()
    for pupil in pupils:
        for guardian in list(pupil.guardians):
            pupil.guardians.remove(guardian)
            _forget_guardian(session, guardian)
        _forget(pupil, campaign.season)
    for message in session.scalars(messages_to_blank(forgotten_at(campaign.season))):
        message.recipient, message.params = f"effacé:{message.id}", {}
        message.subject = message.body = message.failure = ""
    session.flush()
    session.execute(links_of_closed_accounts())
    record(session, FORGOTTEN, f"campaign:{campaign.id}", by=None, now=now, count=len(pupils))
    session.commit()
    return len(pupils)


def _forget(pupil: Pupil, season: int) -> None:
    """Keep of a pupil what counts: the class, the list and the place, under a number."""
    pupil.first_name, pupil.last_name = "Élève", str(pupil.id)
    pupil.birth_date = date(season - 14, 1, 1)
    pupil.code_digest = pupil.ine_digest = pupil.phone = None
    pupil.access_need = None
    pupil.limit_km, pupil.refused_families = None, []


def _forget_guardian(session: Session, guardian: Guardian) -> None:
    """A guardian goes with the last child; one who still has a child here stays."""
    if guardian.pupils:
        return
    for held in session.scalars(memberships_of_guardian(guardian.id)).all():
        _close(session, held)
    session.delete(guardian)


def _close(session: Session, held: Membership) -> None:
    account: Account = held.account
    account.memberships.remove(held)
    session.delete(held)
    if not account.memberships:
        account.email, account.password_hash, account.name = None, None, "Compte fermé"


def _erase_proof(session: Session, campaign: Campaign, now: datetime) -> None:
    for statement in proof_of(campaign.id):
        session.execute(statement)
    record(session, UNPROVED, f"campaign:{campaign.id}", by=None, now=now)
    session.commit()
