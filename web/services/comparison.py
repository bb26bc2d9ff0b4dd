"""Runs of a round side by side: what each gives, what priority costs, who changes."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from matching import Figures, policy_named
from models import (
    Assignment,
    Campaign,
    HostKind,
    Label,
    Round,
    Run,
    RunState,
    School,
    Sector,
    changes_by_school,
    changes_in_school,
    classes_of_school,
    places_of_state,
    runs_to_compare,
    schools_of_campaign,
)
from web.services.errors import Gone, Refused
from web.services.freeze import label_of
from web.services.freezing.scenario import Scenario
from web.services.run_details import RunDetails, details_of

MARKS = "ABCD"
YARDSTICK = "no_priority"
HOW_MANY = "Cochez de deux à quatre calculs terminés."
NOBODY = Figures(0, 0, (0, 0, 0, 0, 0), None, None, None, None)


@dataclass(frozen=True)
class Changes:
    """Pupils who fare differently from the first run of a comparison."""

    shared: int = 0
    """Pupils whom both runs hold."""
    moved: int = 0
    gained: int = 0
    lost: int = 0
    better: int = 0
    worse: int = 0

    @property
    def changed(self) -> int:
        """Pupils who have another place, a place, or none any more."""
        return self.moved + self.gained + self.lost

    def __add__(self, other: "Changes") -> "Changes":
        mine = (self.shared, self.moved, self.gained, self.lost, self.better, self.worse)
        its = (other.shared, other.moved, other.gained, other.lost, other.better, other.worse)
        return Changes(*(a + b for a, b in zip(mine, its, strict=True)))


NOTHING = Changes()


@dataclass(frozen=True)
class Column:
    """A run in a comparison, under its mark."""

    mark: str
    run: Run
    details: RunDetails
    scenario: Scenario
    by_school: dict[int, Changes] = field(default_factory=dict)
    """Against the first run, by school; empty for the first run itself."""
    state: Mapping[tuple[int, int], int] = field(default_factory=dict)
    """Pupils in services of the State, by school and class."""

    @property
    def name(self) -> str:
        """Its own name, else its rule's."""
        return run_name(self.run)

    @property
    def everyone(self) -> Figures:
        """What all pupils obtain."""
        return self.details.everyone

    @property
    def changes(self) -> Changes:
        """Against the first run, for all pupils."""
        return sum(self.by_school.values(), NOTHING)

    @property
    def yardstick(self) -> bool:
        """Whether its rule knows no priority: what the others are measured against."""
        return self.run.policy == YARDSTICK

    def label(self, label: Label) -> Figures:
        """What the pupils of a label obtain."""
        return self.details.labels.get(label, NOBODY)

    def school(self, school_id: int) -> Figures:
        """What the pupils of a school obtain."""
        return self.details.schools.get(school_id, NOBODY)

    def school_class(self, class_id: int) -> Figures:
        """What the pupils of a class obtain."""
        return self.details.classes.get(class_id, NOBODY)

    def taken(self, nature: Sector | HostKind) -> int:
        """Places given in a sector or by a kind of host."""
        found = (
            self.details.sectors.get(nature)
            if isinstance(nature, Sector)
            else self.details.kinds.get(nature)
        )
        return found.taken if found else 0


@dataclass(frozen=True)
class Price:
    """What the priority of one run costs and brings against the yardstick."""

    column: Column
    yardstick: Column
    labels: tuple[tuple[Label, int], ...]
    """Pupils placed more (or fewer, when negative), by label."""

    @property
    def lost(self) -> int:
        """Places lost in all: the yardstick fills as many as can be."""
        return self.yardstick.everyone.placed - self.column.everyone.placed

    @property
    def first_wishes(self) -> int:
        """First wishes granted more, or fewer when negative."""
        return self.column.everyone.bands[0] - self.yardstick.everyone.bands[0]

    @property
    def gains(self) -> list[tuple[Label, int]]:
        """Labels with more pupils placed."""
        return [(label, count) for label, count in self.labels if count > 0]

    @property
    def costs(self) -> list[tuple[Label, int]]:
        """Labels with fewer pupils placed, as positive counts."""
        return [(label, -count) for label, count in self.labels if count < 0]


@dataclass(frozen=True)
class SchoolLine:
    """A school of a comparison."""

    school: School
    label: Label

    @property
    def id(self) -> int:
        """Of the school."""
        return self.school.id


@dataclass(frozen=True)
class Group:
    """What a group of pupils obtains in each run."""

    name: str
    figures: tuple[Figures, ...]
    state: tuple[int, ...]
    """Those in a service of the State."""


@dataclass(frozen=True)
class Comparison:
    """Two to four runs of one round, in the order of their marks."""

    columns: tuple[Column, ...]
    of_round: Round
    schools: tuple[SchoolLine, ...]
    labels: tuple[Label, ...]
    sectors: tuple[Sector, ...]
    kinds: tuple[HostKind, ...]
    price: Price | None
    """None without a yardstick that differs from the first run by its rule only."""

    @property
    def first(self) -> Column:
        """The run that the others are read against."""
        return self.columns[0]

    @property
    def others(self) -> tuple[Column, ...]:
        """All but the first."""
        return self.columns[1:]

    @property
    def same_data(self) -> bool:
        """Whether all were given the same lists and places."""
        known = {column.run.proof.get("data") for column in self.columns}
        return len(known) == 1 and None not in known

    @property
    def same_draw(self) -> bool:
        """Whether all have the same seed."""
        return len({column.run.seed for column in self.columns}) == 1

    @property
    def entries(self) -> list[tuple[str, str]]:
        """(mark, name) of each run."""
        return [(c.mark, c.name + (" (étalon)" if c.yardstick else "")) for c in self.columns]

    def lane(self, label: Label) -> list[tuple[str, int, int]]:
        """(mark, pupils with a place, pupils) of a label in each run."""
        return [(c.mark, c.label(label).placed, c.label(label).pupils) for c in self.columns]

    def unplaced(self, label: Label) -> list[int]:
        """Pupils of a label without a place in each run."""
        return [pupils - placed for _, placed, pupils in self.lane(label)]

    @property
    def ids(self) -> list[int]:
        """Of its runs, in order."""
        return [column.run.id for column in self.columns]

    @property
    def by_label(self) -> list[Group]:
        """The pupils of each label, then all of them."""
        found = [
            self.group(
                one.label,
                [column.label(one) for column in self.columns],
                schools={line.id for line in self.schools if line.label is one},
            )
            for one in self.labels
        ]
        whole = [column.everyone for column in self.columns]
        return [*found, self.group("Tous les élèves", whole)]

    def group(
        self,
        name: str,
        figures: Iterable[Figures],
        *,
        schools: Collection[int] | None = None,
        class_id: int | None = None,
    ) -> Group:
        """A group with its pupils in services of the State: all, some schools' or a class's."""
        state = tuple(
            sum(
                count
                for (school, klass), count in column.state.items()
                if (schools is None or school in schools) and class_id in (None, klass)
            )
            for column in self.columns
        )
        return Group(name, tuple(figures), state)


@dataclass(frozen=True)
class Change:
    """A pupil who has another place in the second of two runs."""

    before: Assignment
    after: Assignment


@dataclass(frozen=True)
class SchoolComparison:
    """A school in a comparison: its classes, and who changes between the first run and another."""

    line: SchoolLine
    classes: tuple[Group, ...]
    """Each class with what its pupils obtain in each run."""
    whole: Group
    against: Column
    changes: tuple[Change, ...]


def run_name(run: Run) -> str:
    """What a run is called: its own name, else its rule's."""
    return run.name or policy_named(run.policy).name


def comparable(runs: Iterable[Run]) -> list[Run]:
    """The finished runs among these; a second stage stands for its first one.

    A run whose second stage is still to come is not yet to be compared: pupils wait in it who
    will have a place.
    """
    known = list(runs)
    completed = {run.proof.get("first_run") for run in known if run.state is not RunState.FAILED}
    return [run for run in known if run.state is RunState.DONE and run.id not in completed]


def compare(session: Session, run_ids: Collection[int], territory_id: int) -> Comparison:
    """Set runs of one round side by side, in few queries whatever their size.

    Raises:
        Refused: not two to four finished runs of one round. Gone: one is out of sight.
    """
    asked = set(run_ids)
    if not 2 <= len(asked) <= len(MARKS):
        raise Refused(HOW_MANY)
    runs = session.scalars(runs_to_compare(asked, territory_id)).all()
    if len(runs) < len(asked):
        raise Gone("Un de ces calculs n’existe pas.")
    if len({run.round_id for run in runs}) > 1:
        raise Refused("Ces calculs ne sont pas du même tour.")
    columns = _columns(session, runs)
    campaign, first = columns[0].run.round.campaign, columns[0]
    return Comparison(
        columns=columns,
        of_round=first.run.round,
        schools=_schools(session, campaign, columns),
        labels=tuple(lb for lb in Label if any(c.label(lb).pupils for c in columns)),
        sectors=tuple(s for s in Sector if any(s in c.details.sectors for c in columns)),
        kinds=tuple(k for k in HostKind if any(k in c.details.kinds for c in columns)),
        price=_price(columns),
    )


def _columns(session: Session, runs: Iterable[Run]) -> tuple[Column, ...]:
    """Marked: the run that is chosen, those that may be, other simulations, yardsticks."""
    chosen = {run.round.selected_run_id for run in runs}

    def order(run: Run) -> tuple[bool, bool, bool, int]:
        return run.policy == YARDSTICK, run.id not in chosen, not run.publishable, run.id

    columns: list[Column] = []
    for mark, run in zip(MARKS, sorted(runs, key=order), strict=False):
        details = details_of(run)
        if details is None:
            raise Refused(f"Le calcul {run.id} n’a pas les chiffres d’une comparaison.")
        there = session.execute(places_of_state(run.id))
        state = {(school, klass): count for school, klass, count in there}
        column = Column(mark, run, details, Scenario.from_json(run.scenario), state=state)
        if columns:
            found = session.execute(changes_by_school(columns[0].run.id, run.id))
            by_school = {school: Changes(*counts) for school, *counts in found}
            column = replace(column, by_school=by_school)
        columns.append(column)
    return tuple(columns)


def _price(columns: Sequence[Column]) -> Price | None:
    first = columns[0]
    for other in columns[1:]:
        alike = replace(other.scenario, policy=None) == replace(first.scenario, policy=None)
        same = first.run.proof.get("data") == other.run.proof.get("data") is not None
        if other.yardstick and not first.yardstick and alike and same:
            gaps = ((lb, first.label(lb).placed - other.label(lb).placed) for lb in Label)
            return Price(first, other, tuple((lb, gap) for lb, gap in gaps if gap))
    return None


def _schools(
    session: Session, campaign: Campaign, columns: Iterable[Column]
) -> tuple[SchoolLine, ...]:
    """The schools of these runs, by label then name."""
    known = {school for column in columns for school in column.details.schools}
    order = list(Label)
    lines = [
        SchoolLine(school, label_of(school, campaign.season))
        for school in session.scalars(schools_of_campaign(campaign.id))
        if school.id in known
    ]
    return tuple(sorted(lines, key=lambda line: (order.index(line.label), line.school.name)))


def compare_school(
    session: Session, found: Comparison, school_id: int, against: str = ""
) -> SchoolComparison:
    """One school of a comparison, with the names of those who change between two of its runs.

    `against` is the mark of the run read against the first one.

    Raises:
        Gone: the school is in none of the runs.
    """
    line = next((one for one in found.schools if one.id == school_id), None)
    if line is None:
        raise Gone("Ce collège n’est pas dans ces calculs.")
    other = next((c for c in found.others if c.mark == against), found.others[0])
    classes = session.scalars(classes_of_school(school_id, found.of_round.campaign_id)).all()
    groups = [
        found.group(
            one.name,
            [column.school_class(one.id) for column in found.columns],
            schools={school_id},
            class_id=one.id,
        )
        for one in classes
    ]
    whole = [column.school(school_id) for column in found.columns]
    changed = session.execute(changes_in_school(found.first.run.id, other.run.id, school_id))
    return SchoolComparison(
        line=line,
        classes=tuple(one for one in groups if any(own.pupils for own in one.figures)),
        whole=found.group("Tout le collège", whole, schools={school_id}),
        against=other,
        changes=tuple(Change(before, after) for before, after in changed),
    )
