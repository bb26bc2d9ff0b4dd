"""The steps of a campaign as everyone may read them, with their dates."""

from dataclasses import dataclass
from datetime import datetime

from models import Campaign, CampaignState, Round, RoundState
from web.format import day, moment, paris, plural

STARTED = {
    RoundState.WISHES_OPEN: 1,
    RoundState.WISHES_CLOSED: 2,
    RoundState.REVIEW: 2,
    RoundState.PUBLISHED: 3,
    RoundState.ANSWERS_CLOSED: 3,
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: "done", "now" or to come."""

    title: str
    lines: list[str]
    state: str


def steps_of(campaign: Campaign, now: datetime, seats: int, hosts: int) -> list[Step]:
    """The five steps of a campaign, as they stand now."""
    turn = campaign.current_round
    reached = _reached(campaign, turn, now)
    told = [
        (
            "Les places arrivent",
            [f"jusqu’au {_date(campaign.offers_close_at)}", *_so_far(seats, hosts)],
        ),
        ("Les élèves classent leurs vœux", [_wishes(turn, reached)]),
        ("Les places sont attribuées", ["puis relues par une équipe"]),
        ("Chacun reçoit sa réponse", [day(turn.publish_at)]),
        (
            "Les stages ont lieu",
            [f"du {_date(campaign.first_monday)} au {_date(campaign.last_friday)}"],
        ),
    ]
    return [
        Step(title, lines, "done" if n < reached else "now" if n == reached else "")
        for n, (title, lines) in enumerate(told)
    ]


def _reached(campaign: Campaign, turn: Round, now: datetime) -> int:
    """The index of the step under way; five when all is over."""
    if campaign.state is CampaignState.CLOSED:
        return 5
    if campaign.state is CampaignState.OFFERS_OPEN:
        return 0
    step = STARTED.get(turn.state, 0 if now < campaign.offers_close_at else 1)
    return 4 if step == 3 and paris(now).date() >= campaign.first_monday else step


def _wishes(turn: Round, reached: int) -> str:
    if reached < 1 or turn.state is RoundState.PLANNED:
        return f"du {_date(turn.wishes_open_at)} au {moment(turn.wishes_close_at)}"
    if reached == 1:
        return f"en ce moment, jusqu’au {moment(turn.wishes_close_at)}"
    return f"jusqu’au {_date(turn.wishes_close_at)}"


def _so_far(seats: int, hosts: int) -> list[str]:
    return [f"{plural(seats, 'place')}, {plural(hosts, 'structure')}"] if seats else []


def _date(when: object) -> str:
    return day(when, weekday=False)  # type: ignore[arg-type]
