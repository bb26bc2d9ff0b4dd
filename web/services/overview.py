"""The figures of a published run for those who may read no name: small groups are hidden."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy.orm import Session

from matching import Figures
from models import (
    Campaign,
    Label,
    Round,
    Run,
    School,
    apart_from_run,
    published_campaigns,
    runs_to_compare,
    schools_of_campaign,
    seats_by_commune,
    seats_by_week,
    taken_by_week,
    weeks_of,
)
from web.format import week as week_words
from web.services.figures import PRIORITY
from web.services.freeze import label_of
from web.services.run_details import RunDetails, details_of
from web.services.sheets import Cell
from web.services.suppression import Sum, shown

FIRST, NEXT, LATER, OTHER = "first", "next", "later", "other"
PLACED, UNPLACED, SILENT, FOUND, PUPILS = "placed", "unplaced", "silent", "found", "pupils"
GIVEN = (FIRST, NEXT, LATER, OTHER)
WHOLE = (PLACED, UNPLACED, SILENT, FOUND)
MEASURES = (PUPILS, PLACED, *GIVEN, UNPLACED, SILENT, FOUND)
ALL, PRIORITIES = "all", "priority"
PRICES = {
    PUPILS: {ALL: 5000, "label": 3000, "school": 400},
    PLACED: {ALL: 4000, PRIORITIES: 2500, "label": 2000, "school": 100},
    UNPLACED: {ALL: 500, "label": 50, "school": 5},
    SILENT: {ALL: 40, "label": 20, "school": 2},
    FOUND: {ALL: 40, "label": 20, "school": 2},
}
"""What hiding a figure costs: the share of the places first, then who has none."""

SEASONS_TOLD, SCHOOLS_TOLD = 3, 40
"""Campaigns whose figures the page of the rule shows, and how many schools each has at most."""

Key = tuple[str, str]


@dataclass(frozen=True)
class Line:
    """A group of pupils, or of seats: `kind` is all, label, school, week, sector or host."""

    kind: str
    code: str
    name: str
    label: Label | None = None
    seats: int | None = None
    """Seats offered, for groups of seats."""

    @property
    def row(self) -> str:
        """What its counts are filed under."""
        return f"{self.kind}:{self.code}" if self.code else self.kind


@dataclass(frozen=True)
class Overview:
    """The figures of a published run, each a number or the words that replace it."""

    campaign: Campaign
    round: Round
    lines: tuple[Line, ...]
    counts: Mapping[Key, int | str]

    def said(self, line: Line, measure: str) -> Cell:
        """A count, « moins de 5 », « masqué », or nothing where it has no meaning."""
        return self.counts.get((line.row, measure), "")

    def of_kind(self, kind: str) -> list[Line]:
        """The lines of a table."""
        return [line for line in self.lines if line.kind == kind]

    @property
    def total(self) -> Line:
        """All pupils."""
        return self.lines[0]

    @cached_property
    def share(self) -> tuple[int, int] | None:
        """(places given to REP+ and REP schools, places given), None if one is hidden."""
        part, whole = self.counts[PRIORITIES, PLACED], self.counts[ALL, PLACED]
        return (part, whole) if isinstance(part, int) and isinstance(whole, int) else None

    def seats(self, line: Line) -> Cell:
        """Seats offered; hidden with the count of those that are taken: they bound it."""
        if line.seats is None:
            return ""
        taken = self.said(line, PLACED)
        return taken if isinstance(taken, str) else line.seats

    @property
    def hides(self) -> bool:
        """Whether some figure is hidden."""
        return any(isinstance(count, str) for count in self.counts.values())


def published_round(campaign: Campaign) -> Round | None:
    """The last round whose results are out."""
    return next((turn for turn in reversed(campaign.rounds) if turn.published_at), None)


def past_overviews(session: Session, campaign: Campaign) -> list[Overview]:
    """The figures of the last published campaigns of the territory of this one, latest first.

    Those of many schools are left to the open data: protecting them takes seconds the first time.
    """
    found = [
        one
        for one in session.scalars(published_campaigns())
        if one.territory_id == campaign.territory_id
        and len(session.scalars(schools_of_campaign(one.id)).all()) <= SCHOOLS_TOLD
    ]
    told = (overview(session, one) for one in found[:SEASONS_TOLD])
    return [one for one in told if one is not None]


def overview(session: Session, campaign: Campaign) -> Overview | None:
    """The figures of the last published run of a campaign; None before the first.

    The number of queries does not depend on the number of pupils.
    """
    turn = published_round(campaign)
    if turn is None or turn.selected_run_id is None:
        return None
    run = session.scalar(runs_to_compare([turn.selected_run_id], campaign.territory_id))
    found = details_of(run) if run else None
    if run is None or found is None:
        return None
    schools = list(session.scalars(schools_of_campaign(campaign.id)))
    groups = _groups(session, campaign, run, found, schools)
    seats = _seats(session, campaign, run, found)
    lines = (
        Line(ALL, "", "Ensemble"),
        *(Line("label", one.value, one.label, one) for one in Label if _row(one) in groups),
        *_school_lines(campaign, schools, groups),
    )
    nested = {ALL: [line.row for line in lines if line.kind == "label"]}
    for line in lines:
        if line.kind == "school":
            nested.setdefault(_row(line.label), []).append(line.row)
    counts, sums = _table(groups, nested, seats)
    told = shown(counts, sums, _price)
    words: dict[Key, int | str] = {
        key: said if isinstance(said, int) else said.value for key, said in told.items()
    }
    return Overview(campaign, turn, (*lines, *(line for line, _ in seats)), words)


Counts = dict[str, int]


def _groups(
    session: Session, campaign: Campaign, run: Run, found: RunDetails, schools: Iterable[School]
) -> dict[str, Counts]:
    """Counts of each school, label and of all, by row; schools without a pupil are left out."""
    apart = {
        school: (count, own)
        for school, count, own in session.execute(apart_from_run(campaign.id, run.id))
    }
    groups: dict[str, Counts] = {}
    for school in schools:
        count, own = apart.get(school.id, (0, 0))
        got = _counts(found.schools.get(school.id), silent=count - own, found=own)
        if got[PUPILS]:
            groups[f"school:{school.uai}"] = got
            for row in (_row(label_of(school, campaign.season)), ALL):
                known = groups.setdefault(row, dict.fromkeys(MEASURES, 0))
                groups[row] = {name: known[name] + got[name] for name in MEASURES}
    groups.setdefault(ALL, dict.fromkeys(MEASURES, 0))
    return groups


def _counts(got: Figures | None, *, silent: int, found: int) -> Counts:
    first, following, later, other, unplaced = got.bands if got else (0,) * 5
    placed = first + following + later + other
    return {
        FIRST: first,
        NEXT: following,
        LATER: later,
        OTHER: other,
        PLACED: placed,
        UNPLACED: unplaced,
        SILENT: silent,
        FOUND: found,
        PUPILS: placed + unplaced + silent + found,
    }


def _school_lines(
    campaign: Campaign, schools: Iterable[School], groups: Mapping[str, Counts]
) -> list[Line]:
    """By label, then by name."""
    order = list(Label)
    lines = [
        Line("school", one.uai, f"{one.name}, {one.commune}", label_of(one, campaign.season))
        for one in schools
        if f"school:{one.uai}" in groups
    ]
    return sorted(lines, key=lambda line: (order.index(line.label or Label.NONE), line.name))


def _seats(
    session: Session, campaign: Campaign, run: Run, found: RunDetails
) -> list[tuple[Line, int]]:
    """(line, pupils) of each week, sector and kind of host."""
    taken = dict(session.execute(taken_by_week(run.id)).all())
    offered = dict(session.execute(seats_by_week(campaign.id)).all())
    rows = [
        (
            Line("week", one.monday.isoformat(), week_words(one.monday), seats=offered.get(one.id)),
            taken.get(one.id, 0),
        )
        for one in session.scalars(weeks_of(campaign.id))
    ]
    rows += [
        (Line("sector", one.value, one.label, seats=places.seats), places.taken)
        for one, places in found.sectors.items()
    ]
    return rows + [
        (Line("host", one.value, one.label, seats=places.seats), places.taken)
        for one, places in found.kinds.items()
    ]


def _table(
    groups: Mapping[str, Counts],
    nested: Mapping[str, Iterable[str]],
    seats: Iterable[tuple[Line, int]],
) -> tuple[dict[Key, int], list[Sum[Key]]]:
    """Every count and every relation that a reader knows between them."""
    counts = {(row, name): count for row, got in groups.items() for name, count in got.items()}
    sums: list[Sum[Key]] = []
    for row in groups:
        sums.append(((row, PLACED), tuple((row, name) for name in GIVEN)))
        sums.append(((row, PUPILS), tuple((row, name) for name in WHOLE)))
    first = [_row(one) for one in PRIORITY if _row(one) in groups]
    counts[PRIORITIES, PLACED] = sum(groups[row][PLACED] for row in first)
    sums.append(((PRIORITIES, PLACED), tuple((row, PLACED) for row in first)))
    for row, parts in nested.items():
        sums += [((row, name), tuple((part, name) for part in parts)) for name in MEASURES]
    return counts, sums + _spread(counts, seats)


def _spread(counts: dict[Key, int], seats: Iterable[tuple[Line, int]]) -> list[Sum[Key]]:
    """Weeks, sectors and kinds of hosts each add up to the places given."""
    parts: dict[str, list[Key]] = {}
    for line, taken in seats:
        counts[line.row, PLACED] = taken
        parts.setdefault(line.kind, []).append((line.row, PLACED))
    return [((ALL, PLACED), tuple(keys)) for keys in parts.values()]


def _row(label: Label | None) -> str:
    return f"label:{label.value}" if label else ALL


def _price(key: Key) -> float:
    row, measure = key
    kind = row.partition(":")[0]
    return PRICES.get(measure, {}).get(kind, {ALL: 800, "label": 400}.get(kind, 10))


TITLES = (
    "niveau",
    "code",
    "nom",
    "label",
    "eleves",
    "ont_une_place",
    "voeu_1",
    "voeux_2_et_3",
    "voeux_4_et_plus",
    "autre_place",
    "sans_solution",
    "sans_voeu",
    "stage_trouve",
    "places_offertes",
)
LEVELS = {
    ALL: "ensemble",
    "label": "label",
    "school": "college",
    "week": "semaine",
    "sector": "secteur",
    "host": "type_de_structure",
}


def result_rows(found: Overview) -> list[list[Cell]]:
    """One row for each line, in the columns of `TITLES`."""
    return [
        [
            LEVELS[line.kind],
            line.code,
            line.name,
            line.label.label if line.label else "",
            *(found.said(line, measure) for measure in MEASURES),
            found.seats(line),
        ]
        for line in found.lines
    ]


OFFER_TITLES = (
    "code_insee",
    "commune",
    "semaine",
    "secteur",
    "type_de_structure",
    "forme",
    "offres",
    "places",
)


def offer_rows(session: Session, campaign: Campaign) -> list[list[Cell]]:
    """What was offered by commune and week, in the columns of `OFFER_TITLES`: no host named."""
    mondays = {one.id: one.monday.isoformat() for one in session.scalars(weeks_of(campaign.id))}
    return [
        [insee, commune, mondays[week_id], sector.label, kind.label, form.label, offers, seats]
        for insee, commune, week_id, sector, kind, form, offers, seats in session.execute(
            seats_by_commune(campaign.id)
        )
    ]
