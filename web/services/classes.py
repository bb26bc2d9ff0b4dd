"""The classes of a school: what kind they are, whether they take part, which weeks are free."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from models import Campaign, ClassKind, SchoolClass, class_of_school, school_by_id
from web.services.calendar import holiday_reason, public_holidays
from web.services.errors import Refused
from web.services.journal import record
from web.services.schools import OPEN
from web.services.seasons import needed_campaign


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """What a head says of a class."""

    kind: ClassKind
    takes_part: bool
    teacher: str


@dataclass(frozen=True, slots=True)
class Monday:
    """A week between the first and the last of a campaign."""

    monday: date
    closed: str | None
    """Why nobody is welcomed that week, or None."""
    feasts: dict[date, str]
    """Its public holidays: the class is not away on those days."""


def describe_class(
    session: Session, school_id: int, class_id: int, facts: ClassFacts, *, by: int, now: datetime
) -> SchoolClass:
    """Set the kind of a class, its main teacher, and whether a special class takes part.

    Raises:
        Refused: the wishes are closed and the change would move pupils in or out of the run.
    """
    found = session.scalars(class_of_school(class_id, school_id)).one()
    school = session.scalars(school_by_id(school_id)).one()
    campaign = needed_campaign(session, school.territory_id)
    part = facts.kind is ClassKind.GENERAL or facts.takes_part
    if part != found.takes_part and campaign.current_round.state not in OPEN:
        raise Refused(
            "Les vœux sont clos : la participation de cette classe ne change plus dans ce tour.",
            "takes_part",
        )
    special = facts.kind is not ClassKind.GENERAL
    found.kind, found.teacher = facts.kind, facts.teacher
    found.confirmed_at = (found.confirmed_at or now) if special and part else None
    about = {"class_kind": facts.kind.value, "takes_part": part}
    record(session, "class.described", f"class:{class_id}", by=by, now=now, **about)
    session.commit()
    return found


def mondays_of(campaign: Campaign) -> list[Monday]:
    """Every week of the span of a campaign, the closed ones with their reason."""
    span = (campaign.last_monday - campaign.first_monday).days // 7 + 1
    mondays = [campaign.first_monday + timedelta(weeks=n) for n in range(span)]
    zone = campaign.territory.holiday_zone
    return [Monday(day, holiday_reason(day, zone), public_holidays(day)) for day in mondays]
