"""What the end of a season erases, and what the end of its proof does."""

from datetime import datetime

from sqlalchemy import Delete, Select, Update, delete, select, update
from sqlalchemy.orm import selectinload

from models.account import Account, Invitation, Membership
from models.campaign import Campaign, Round
from models.explanation import ExplanationRequest
from models.found_place import FoundPlace
from models.message import Message, MessageState
from models.objection import Objection
from models.placement import Decision, Placement
from models.pupil import Guardian, Pupil
from models.pupil_import import PupilImport
from models.run import Assignment, Run, RunChoice, RunPupil
from models.wish import Wish

FINISHED = (MessageState.SENT, MessageState.FAILED, MessageState.UNCERTAIN)


def campaigns_up_to(season: int) -> Select[Campaign]:
    """The campaigns of this season and of those before."""
    return select(Campaign).where(Campaign.season <= season).order_by(Campaign.id)


def every_pupil_of(campaign_id: int) -> Select[Pupil]:
    """All the pupils of a campaign, those who left included, with their guardians."""
    return (
        select(Pupil)
        .where(Pupil.campaign_id == campaign_id)
        .options(selectinload(Pupil.guardians).selectinload(Guardian.pupils))
        .order_by(Pupil.id)
    )


def memberships_of_families(campaign_id: int) -> Select[Membership]:
    """The memberships of the pupils of a campaign."""
    return (
        select(Membership)
        .join(Pupil, Membership.pupil_id == Pupil.id)
        .where(Pupil.campaign_id == campaign_id)
        .options(selectinload(Membership.account).selectinload(Account.memberships))
    )


def links_of_closed_accounts() -> Delete:
    """Erase the one-use links of accounts that hold no role any more."""
    held = select(Membership.account_id)
    return delete(Invitation).where(Invitation.account_id.not_in(held))


def messages_to_blank(before: datetime) -> Select[Message]:
    """The finished messages written before then that still say something."""
    return select(Message).where(
        Message.created_at < before,
        Message.state.in_(FINISHED),
        Message.recipient.contains("@"),
    )


def free_texts(campaign_id: int) -> list[Update | Delete]:
    """Empty what people wrote about the pupils of a campaign, and the files of its lists."""
    pupils = select(Pupil.id).where(Pupil.campaign_id == campaign_id)
    found = dict.fromkeys(("host_name", "address", "tutor_name", "tutor_contact", "refusal"), "")
    return [
        update(Placement).where(Placement.pupil_id.in_(pupils)).values(reason=""),
        update(Decision).where(Decision.pupil_id.in_(pupils)).values(reason=""),
        update(Objection).where(Objection.pupil_id.in_(pupils)).values(answer=""),
        update(ExplanationRequest)
        .where(ExplanationRequest.pupil_id.in_(pupils))
        .values(text="", answer=""),
        update(FoundPlace).where(FoundPlace.pupil_id.in_(pupils)).values(**found),
        delete(PupilImport).where(PupilImport.campaign_id == campaign_id),
    ]


def proof_of(campaign_id: int) -> list[Update | Delete]:
    """Erase what ties a pupil to a row of a run, and the rows: figures and digests stay."""
    rounds = select(Round.id).where(Round.campaign_id == campaign_id)
    runs = select(Run.id).where(Run.round_id.in_(rounds))
    pupils = select(Pupil.id).where(Pupil.campaign_id == campaign_id)
    return [
        delete(RunPupil).where(RunPupil.run_id.in_(runs)),
        delete(Assignment).where(Assignment.run_id.in_(runs)),
        delete(RunChoice).where(RunChoice.run_id.in_(runs)),
        update(Run).where(Run.id.in_(runs)).values(instance=b"", result=None),
        delete(Wish).where(Wish.pupil_id.in_(pupils)),
    ]
