"""The five days of a parcours, as pupils, schools and hosts read them."""

from collections.abc import Sequence
from typing import TypedDict

from models import WEEKDAYS, HostKind, Offer, PathwayStep, clock_time

LONGEST_TITLE = 120


class ShownDay(TypedDict):
    """A day for the `week` component: its name, its lines, "state" when the State welcomes."""

    name: str
    lines: list[str]
    kind: str


def pathway_days(offer: Offer, *, contact: bool = False) -> list[ShownDay]:
    """Each day with its host, address and hours; with `contact`, whom to ask for."""
    return [
        _day(weekday, [step for step in offer.steps if step.weekday == weekday], contact=contact)
        for weekday in sorted({step.weekday for step in offer.steps})
    ]


def days_at(offer: Offer, host_id: int) -> str:
    """When a parcours stops at a host: « lundi matin, lundi après-midi »."""
    return ", ".join(step.name for step in offer.steps if step.site.host_id == host_id)


def _day(weekday: int, steps: list[PathwayStep], *, contact: bool) -> ShownDay:
    lines: list[str] = []
    for source in dict.fromkeys(step.source for step in steps):
        site = source.site
        hours = [step.span for step in steps if step.source is source and step.span]
        lines += [site.host.name, f"{site.address}, {site.commune}"]
        lines.append(" et ".join(f"{clock_time(a)} – {clock_time(b)}" for a, b in hours))
        if contact:
            lines += filter(None, (source.contact_name, source.contact_email, source.contact_phone))
        if any(step.broken for step in steps if step.source is source):
            lines.append("Étape à remplacer")
    state = any(step.site.host.kind is HostKind.STATE for step in steps)
    return {
        "name": WEEKDAYS[weekday].capitalize(),
        "lines": lines,
        "kind": "state" if state else "",
    }


def words_of(offers: Sequence[Offer]) -> tuple[str, str]:
    """The title and the text of a week at the offers of its steps, until a person writes."""
    seen = list(dict.fromkeys(offers))
    names = list(dict.fromkeys(offer.site.host.name for offer in seen))
    title = f"Parcours : {', '.join(names[:3])}"
    count = f"{len(names)} structures" if len(names) > 1 else "une structure"
    said = [f"Une semaine chez {count}, de lundi à vendredi."]
    said += [f"{offer.site.host.name} : {offer.description}" for offer in seen]
    short = title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"
    return short, "\n".join(said)[:4000]


def lines_of(text: str) -> list[str]:
    """The lines of a text, whatever ends them."""
    return [line.strip() for line in text.strip().splitlines()]
