"""People who can only be texted: they gave a mobile number and no mail address."""

from sqlalchemy import CompoundSelect, exists, select, union_all

from models.account import Account, Membership
from models.pupil import Guardian, Pupil, PupilGuardian


def numbers_to_text(campaign_id: int, pupil_id: int | None = None) -> CompoundSelect[str, int]:
    """(number, pupil) of the pupils and guardians of a campaign who have no mail address.

    With a pupil, hers and her guardians' alone.

    A pupil signs in with an account, which holds the address; a guardian's is on the list.
    """
    mailed = exists().where(
        Membership.pupil_id == Pupil.id,
        Membership.account_id == Account.id,
        Account.email.is_not(None),
    )
    here = [Pupil.campaign_id == campaign_id, Pupil.left_at.is_(None)]
    if pupil_id is not None:
        here.append(Pupil.id == pupil_id)
    guardians = (
        select(Guardian.phone, Pupil.id)
        .join(PupilGuardian, PupilGuardian.guardian_id == Guardian.id)
        .join(Pupil, PupilGuardian.pupil_id == Pupil.id)
        .where(*here, Guardian.email.is_(None), Guardian.phone.is_not(None))
    )
    pupils = select(Pupil.phone, Pupil.id).where(*here, Pupil.phone.is_not(None), ~mailed)
    return union_all(guardians, pupils)
