"""What nearby schools need each week: shown to hosts while they choose theirs."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy.orm import Session

from models import (
    Campaign,
    Label,
    School,
    Site,
    Week,
    open_seats_on_the_map,
    schools_in_territory,
    seekers_by_school_and_week,
    weeks_of,
)
from web.services.calendar import holiday_reason
from web.services.reach import Point, distance_m

NEARBY_M = 15_000
THRESHOLD = 5
"""Below that many, a count of pupils is not shown: it could point at somebody."""

STRONG = 20
"""From that many missing places on, a week is a strong need."""


@dataclass(frozen=True, slots=True)
class SchoolNeed:
    """How many pupils of one school look for a place in one week; THRESHOLD at least."""

    school: School
    label: Label
    seekers: int


@dataclass(frozen=True, slots=True)
class WeekNeed:
    """A Monday of the season: a campaign week with its needs, or the reason why it is closed."""

    monday: date
    week: Week | None = None
    closed: str | None = None
    seekers: int = 0
    offered: int = 0
    schools: list[SchoolNeed] = field(default_factory=list)

    @property
    def shown_seekers(self) -> int | None:
        """The pupils who look for a place, or None when too few to be said."""
        return self.seekers if self.seekers == 0 or self.seekers >= THRESHOLD else None

    @property
    def missing(self) -> int:
        """Places that lack nearby; 0 when the seekers are too few to be said."""
        return max(0, self.seekers - self.offered) if self.seekers >= THRESHOLD else 0

    @property
    def strong(self) -> bool:
        """Whether this is a week to name first."""
        return self.missing >= STRONG


def needs_near(session: Session, campaign: Campaign, site: Site) -> list[WeekNeed]:
    """Every Monday of the season with what is needed around a site, in five queries."""
    weeks = {week.monday: week for week in session.scalars(weeks_of(campaign.id))}
    nearby = {
        school.id: school
        for school in session.scalars(schools_in_territory(campaign.territory_id))
        if distance_m(school, site) <= NEARBY_M
    }
    seekers = _seekers(session, campaign.id, nearby)
    offered = _offered(session, campaign.id, site)
    return [
        _week_need(weeks[monday], seekers, offered, nearby, campaign.season)
        if monday in weeks
        else WeekNeed(monday, closed=_why_closed(monday, campaign))
        for monday in _mondays(campaign)
    ]


def greatest_need(needs: list[WeekNeed]) -> WeekNeed | None:
    """The week in which most places lack nearby, if any lacks."""
    lacking = [need for need in needs if need.missing > 0]
    return max(lacking, key=lambda need: need.missing, default=None)


def _mondays(campaign: Campaign) -> list[date]:
    span = (campaign.last_monday - campaign.first_monday).days // 7
    return [campaign.first_monday + timedelta(weeks=n) for n in range(span + 1)]


def _why_closed(monday: date, campaign: Campaign) -> str:
    reason = holiday_reason(monday, campaign.territory.holiday_zone)
    return reason or "Hors de la campagne"


def _seekers(
    session: Session, campaign_id: int, nearby: dict[int, School]
) -> dict[int, dict[int, int]]:
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for school_id, week_id, count in session.execute(seekers_by_school_and_week(campaign_id)):
        if school_id in nearby:
            found[week_id][school_id] = count
    return found


def _offered(session: Session, campaign_id: int, site: Site) -> Counter[int]:
    found: Counter[int] = Counter()
    for week_id, seats, lat, lon in session.execute(open_seats_on_the_map(campaign_id)):
        if distance_m(Point(lat, lon), site) <= NEARBY_M:
            found[week_id] += seats
    return found


def _week_need(
    week: Week,
    seekers: dict[int, dict[int, int]],
    offered: Counter[int],
    nearby: dict[int, School],
    season: int,
) -> WeekNeed:
    here = seekers.get(week.id, {})
    schools = [
        SchoolNeed(nearby[school_id], nearby[school_id].label_in(season), count)
        for school_id, count in here.items()
        if count >= THRESHOLD
    ]
    return WeekNeed(
        week.monday,
        week=week,
        seekers=sum(here.values()),
        offered=offered[week.id],
        schools=sorted(schools, key=lambda need: -need.seekers),
    )
