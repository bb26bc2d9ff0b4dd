"""What hosts promised to the networks, against what they posted and whom they welcomed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import (
    Campaign,
    Commitment,
    CommittedAction,
    Family,
    Host,
    HostKind,
    Label,
    Membership,
    Network,
    campaigns_of,
    commitment_in_territory,
    commitment_of,
    commitments_in_territory,
    commitments_of_host,
    committed_seasons,
    host_with_sites,
    hosts_in_territory,
    newcomer_left,
    posted_by_host,
    schools_in_territory,
    welcomed_alone,
    welcomed_in_pathways,
)
from web.format import paris
from web.services.errors import Gone, Refused
from web.services.journal import record
from web.services.spelling import plain

ASIDE = "Cet engagement est suivi par un autre réseau : seul ce réseau peut le modifier."


@dataclass(frozen=True)
class Entry:
    """What a network types about a commitment."""

    network: Network
    season: int
    signed_on: date
    places: int
    weeks: int
    promised: Mapping[str, int]
    done: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A signatory that has not registered: its commitment waits for it."""

    name: str
    kind: HostKind


@dataclass(frozen=True, slots=True)
class Welcomed:
    """A pupil whom a host welcomes, as far as figures need."""

    school: str
    label: Label
    family: Family


@dataclass
class Facts:
    """What one host, or several, posted and whom they welcomed in a season."""

    places: int = 0
    weeks: set[int] = field(default_factory=set)
    offered: Counter[Family] = field(default_factory=Counter)
    """Places by family of sectors."""
    welcomed: dict[int, "Welcomed"] = field(default_factory=dict)
    """Each pupil once, even when a parcours takes her to several hosts."""

    @property
    def labels(self) -> Counter[Label]:
        """Pupils by label of their school."""
        return Counter(one.label for one in self.welcomed.values())

    @property
    def schools(self) -> Counter[str]:
        """Pupils by school."""
        return Counter(one.school for one in self.welcomed.values())

    @property
    def families(self) -> Counter[Family]:
        """Pupils by family of sectors: the first of a parcours."""
        return Counter(one.family for one in self.welcomed.values())

    @property
    def pupils(self) -> int:
        """Pupils welcomed."""
        return len(self.welcomed)

    @property
    def priority(self) -> int:
        """Pupils of REP+ and REP schools."""
        return sum(one.label is not Label.NONE for one in self.welcomed.values())

    def add(self, other: "Facts") -> None:
        """Count another host's facts with these."""
        self.places += other.places
        self.weeks |= other.weeks
        self.offered += other.offered
        self.welcomed = other.welcomed | self.welcomed


@dataclass(frozen=True)
class Line:
    """A host, what it promised and what it did."""

    host: Host
    promises: tuple[Commitment, ...]
    facts: Facts

    @property
    def places(self) -> int:
        """Places promised, to all its networks."""
        return sum(one.places for one in self.promises)

    @property
    def missing(self) -> int:
        """Places promised and not posted."""
        return max(self.places - self.facts.places, 0)


@dataclass(frozen=True)
class Statement:
    """What hosts promised, posted and welcomed in a season, with its totals."""

    season: int
    lines: tuple[Line, ...]
    others: int
    """Hosts of the territory that posted places without a commitment."""
    total: Facts
    everyone: Mapping[int, Facts] = field(default_factory=dict)
    """What each host of the territory did, whatever the network asked for."""
    engaged: Mapping[int, frozenset[Network]] = field(default_factory=dict)
    """The networks that each signatory of the territory promised something."""

    @property
    def places(self) -> int:
        """Places promised by all of them."""
        return sum(line.places for line in self.lines)

    def actions(self) -> list[tuple[CommittedAction, int, int]]:
        """(action, promised, done) for those that somebody promised or did."""
        promises = [one for line in self.lines for one in line.promises]
        counted = [
            (
                action,
                sum(one.promised.get(action.value, 0) for one in promises),
                sum(one.done.get(action.value, 0) for one in promises),
            )
            for action in CommittedAction
        ]
        return [row for row in counted if row[1] or row[2]]

    def schools(self) -> list[tuple[str, int]]:
        """(school, pupils), most first."""
        return sorted(self.total.schools.items(), key=lambda row: (-row[1], row[0]))


def seasons_of(session: Session, territory_id: int) -> list[int]:
    """The seasons that have a campaign or a commitment, latest first."""
    known = {campaign.season for campaign in session.scalars(campaigns_of(territory_id))}
    return sorted(known | set(session.scalars(committed_seasons(territory_id))), reverse=True)


def territory_statement(
    session: Session, territory_id: int, season: int, network: Network | None = None
) -> Statement:
    """What the signatories of a network, or of all, promised and did; in five queries."""
    promises: dict[int, list[Commitment]] = defaultdict(list)
    hosts: dict[int, Host] = {}
    engaged: dict[int, frozenset[Network]] = defaultdict(frozenset)
    for one in session.scalars(commitments_in_territory(territory_id, season)):
        hosts[one.host_id] = one.host
        engaged[one.host_id] |= {one.network}
        if network in (None, one.network):
            promises[one.host_id].append(one)
    facts = _facts(session, territory_id, season)
    lines = tuple(
        Line(hosts[host_id], tuple(own), facts.get(host_id, Facts()))
        for host_id, own in sorted(promises.items(), key=lambda found: plain(hosts[found[0]].name))
    )
    others = sum(1 for host_id in facts if host_id not in hosts)
    counted = facts.values() if network is None else (line.facts for line in lines)
    return Statement(season, lines, others, _sum(counted), facts, engaged)


def host_statement(session: Session, host_id: int, season: int) -> Statement:
    """What one host promised and did in a season."""
    host = session.scalars(host_with_sites(host_id)).one()
    promises = tuple(session.scalars(commitments_of_host(host_id, season)))
    facts = _facts(session, host.territory_id, season).get(host_id, Facts())
    return Statement(season, (Line(host, promises, facts),), 0, facts)


def choosable_hosts(session: Session, territory_id: int) -> list[Host]:
    """The hosts to which a commitment can be tied, by name."""
    hosts = session.scalars(hosts_in_territory(territory_id))
    return sorted(hosts, key=lambda host: plain(host.name))


def may_write(viewer: Membership, network: Network) -> bool:
    """Whether an animator may write this network's commitments: hers, or any if she has none."""
    return viewer.network in (None, network)


def add_commitment(
    session: Session,
    viewer: Membership,
    host: int | Newcomer,
    entry: Entry,
    *,
    now: datetime,
) -> Commitment:
    """Write what a host promised a network for a season; `host`: its number, or who is not there.

    Raises:
        Refused: another network's, a host from elsewhere or already there, or the same promise
            already written.
    """
    _check(session, viewer, entry, now)
    host_id = _host_chosen(session, viewer, host)
    if session.scalar(commitment_of(host_id, entry.network, entry.season)):
        raise _twice()
    made = Commitment(host_id=host_id)
    session.add(made)
    _write(made, viewer, entry, now)
    try:
        session.flush()
    except IntegrityError as clash:  # somebody else wrote it at the same moment
        raise _twice() from clash
    record(session, "commitment.added", f"commitment:{made.id}", by=viewer.account_id, now=now)
    session.commit()
    return made


def change_commitment(
    session: Session,
    viewer: Membership,
    commitment_id: int,
    entry: Entry,
    *,
    host_id: int,
    seen: str,
    now: datetime,
) -> Commitment:
    """Correct a commitment; `seen` is the moment of the version that was on screen.

    A signatory written before it registered is forgotten once its promise is tied to the host
    that it became.

    Raises:
        Gone: not in the viewer's territory.
        Refused: another network's, or somebody saved another version meanwhile.
    """
    found = commitment_seen(session, viewer, commitment_id)
    _check(session, viewer, entry, now)
    if not may_write(viewer, found.network):
        raise Refused(ASIDE)
    if found.saved_at.isoformat() != seen:
        raise Refused(
            "Quelqu’un a enregistré cet engagement pendant que vous l’écriviez. Rouvrez la page "
            "pour lire sa version, puis reprenez la vôtre."
        )
    chosen = _host_chosen(session, viewer, host_id)
    other = session.scalar(commitment_of(chosen, entry.network, entry.season))
    if other is not None and other.id != found.id:
        raise _twice()
    before, found.host_id = found.host_id, chosen
    _write(found, viewer, entry, now)
    session.flush()
    _forget_newcomer(session, before)
    record(session, "commitment.changed", f"commitment:{found.id}", by=viewer.account_id, now=now)
    session.commit()
    return found


def remove_commitment(
    session: Session, viewer: Membership, commitment_id: int, *, now: datetime
) -> None:
    """Take away a commitment written by mistake; the journal keeps that it was."""
    found = commitment_seen(session, viewer, commitment_id)
    if not may_write(viewer, found.network):
        raise Refused(ASIDE)
    record(session, "commitment.removed", f"commitment:{found.id}", by=viewer.account_id, now=now)
    before = found.host_id
    session.delete(found)
    session.flush()
    _forget_newcomer(session, before)
    session.commit()


def commitment_seen(session: Session, viewer: Membership, commitment_id: int) -> Commitment:
    """One commitment of the viewer's territory.

    Raises:
        Gone: there is none.
    """
    found = session.scalar(commitment_in_territory(commitment_id, viewer.territory_id or 0))
    if found is None:
        raise Gone("Cet engagement n’existe pas.")
    return found


def _check(session: Session, viewer: Membership, entry: Entry, now: datetime) -> None:
    if not may_write(viewer, entry.network):
        raise Refused(ASIDE, "network")
    if not (entry.places or entry.weeks or any(entry.promised.values())):
        raise Refused("Indiquez au moins une place, une semaine ou une action promise.", "places")
    if entry.season not in seasons_of(session, viewer.territory_id or 0):
        raise Refused("Choisissez une saison qui a une campagne.", "season")
    if entry.signed_on > paris(now).date():
        raise Refused("Cette date est à venir : écrivez celle de la signature.", "signed_on")


def _host_chosen(session: Session, viewer: Membership, host: int | Newcomer) -> int:
    hosts = choosable_hosts(session, viewer.territory_id or 0)
    if isinstance(host, int):
        if host not in {one.id for one in hosts}:
            raise Refused("Choisissez une structure de votre département.", "host_id")
        return host
    if plain(host.name) in {plain(one.name) for one in hosts}:
        raise Refused(f"« {host.name} » est dans la liste : choisissez-la.", "new_name")
    made = Host(territory_id=viewer.territory_id, name=host.name, kind=host.kind)
    session.add(made)
    session.flush()
    return made.id


def _forget_newcomer(session: Session, host_id: int) -> None:
    """Erase a host that never registered and that no commitment names any more."""
    newcomer = session.scalar(newcomer_left(host_id))
    if newcomer is not None:
        session.delete(newcomer)


def _twice() -> Refused:
    return Refused(
        "Cette structure a déjà un engagement envers ce réseau pour cette saison : "
        "modifiez celui-là.",
        "host_id",
    )


def _write(made: Commitment, viewer: Membership, entry: Entry, now: datetime) -> None:
    made.network, made.season = entry.network, entry.season
    made.signed_on, made.places, made.weeks = entry.signed_on, entry.places, entry.weeks
    made.promised = {code: count for code, count in entry.promised.items() if count}
    made.done = {code: count for code, count in entry.done.items() if count}
    made.author_id, made.saved_at = viewer.account_id, now


def _facts(session: Session, territory_id: int, season: int) -> dict[int, Facts]:
    """What each host of a territory posted and whom it welcomed in a season."""
    campaign = next(
        (c for c in session.scalars(campaigns_of(territory_id)) if c.season == season), None
    )
    return _campaign_facts(session, campaign) if campaign else {}


def _campaign_facts(session: Session, campaign: Campaign) -> dict[int, Facts]:
    facts: dict[int, Facts] = defaultdict(Facts)
    posted: dict[int, int] = Counter()
    for host_id, offer_id, sector, week_id, seats, most in session.execute(
        posted_by_host(campaign.id)
    ):
        own = facts[host_id]
        counted = min(seats, most - posted[offer_id]) if most else seats
        posted[offer_id] += counted
        own.places += counted
        own.offered[sector.family] += counted
        own.weeks.add(week_id)
    schools = {one.id: one for one in session.scalars(schools_in_territory(campaign.territory_id))}
    for query in (welcomed_alone(campaign.id), welcomed_in_pathways(campaign.id)):
        for host_id, pupil_id, school_id, sector in session.execute(query):
            school = schools[school_id]
            name, label = f"{school.name}, {school.commune}", school.label_in(campaign.season)
            told = Welcomed(name, label, sector.family)
            facts[host_id].welcomed.setdefault(pupil_id, told)
    return dict(facts)


def _sum(facts: Iterable[Facts]) -> Facts:
    total = Facts()
    for one in facts:
        total.add(one)
    return total
