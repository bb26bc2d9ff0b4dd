"""What the papers of the commitments may tell of pupils: no small group, whoever adds them up.

The papers of the networks and of the territory are read side by side: what is hidden is decided
once for all of them.
"""

from collections import defaultdict
from collections.abc import Mapping

from models import Label, Network
from web.services.commitments import Facts, Statement
from web.services.suppression import Sum, shown

FIRST, REST, PUPILS = "priority", "rest", "pupils"
TERRITORY = "territory"
Key = tuple[str, ...]
PRICES = {PUPILS: 3, FIRST: 2, REST: 1}
Class = frozenset[Network]
"""Hosts engaged towards the same networks; none is engaged towards no one."""


def scope_of(network: Network | None) -> str:
    """Whose paper: a network's, or the territory's."""
    return network.value if network else TERRITORY


def told_pupils(statement: Statement) -> dict[Key, int | str]:
    """Counts to print, by (host, id, what), (scope, what) and (scope, school name)."""
    counts: dict[Key, int] = {}
    sums: list[Sum[Key]] = []
    unsaid: set[Key] = set()
    classes = _classes(statement)
    for known in classes:
        name = _name(known)
        own = {host: statement.everyone[host] for host in classes[known]}
        _add_class(counts, sums, name, own, signed=bool(known))
        unsaid |= {key for key in counts if key[0] == name and known}
    for scope in (TERRITORY, *(one.value for one in Network)):
        inside = [
            _name(known)
            for known in classes
            if scope == TERRITORY or scope in {one.value for one in known}
        ]
        if inside:
            _add_scope(counts, sums, scope, inside)
    told = shown(counts, sums, _price, unsaid=unsaid)
    return {
        key: said if isinstance(said, int) else said.value
        for key, said in told.items()
        if key not in unsaid
    }


def _classes(statement: Statement) -> dict[Class, list[int]]:
    found: dict[Class, list[int]] = defaultdict(list)
    for host in statement.everyone:
        found[statement.engaged.get(host, frozenset())].append(host)
    return found


def _name(known: Class) -> str:
    return "class:" + "+".join(sorted(one.value for one in known))


def _add_class(
    counts: dict[Key, int],
    sums: list[Sum[Key]],
    name: str,
    own: Mapping[int, Facts],
    *,
    signed: bool,
) -> None:
    """The hosts of a class, each a line of the papers if it signed, and its schools."""
    welcomed = {pupil: one for facts in own.values() for pupil, one in facts.welcomed.items()}
    schools: dict[str, list[Key]] = {FIRST: [], REST: []}
    for one in welcomed.values():
        key = (name, one.school)
        if key not in counts:
            schools[REST if one.label is Label.NONE else FIRST].append(key)
        counts[key] = counts.get(key, 0) + 1
    for what, keys in schools.items():
        counts[name, what] = sum(counts[key] for key in keys)
        sums.append(((name, what), tuple(keys)))
    if not signed:
        return
    for host, facts in own.items():
        line = ("host", str(host))
        counts[*line, FIRST], counts[*line, PUPILS] = facts.priority, facts.pupils
        counts[*line, REST] = facts.pupils - facts.priority
        sums.append(((*line, PUPILS), ((*line, FIRST), (*line, REST))))
    for what in (FIRST, REST):
        sums.append(((name, what), tuple(("host", str(host), what) for host in own)))


def _add_scope(counts: dict[Key, int], sums: list[Sum[Key]], scope: str, inside: list[str]) -> None:
    """The totals and the schools of one paper."""
    found: dict[str, list[Key]] = defaultdict(list)
    for key in list(counts):
        if key[0] in inside:
            found[key[1]].append(key)
    for what, keys in found.items():
        counts[scope, what] = sum(counts[key] for key in keys)
        sums.append(((scope, what), tuple(keys)))
    counts[scope, PUPILS] = counts[scope, FIRST] + counts[scope, REST]
    sums.append(((scope, PUPILS), ((scope, FIRST), (scope, REST))))


def _price(key: Key) -> float:
    return PRICES.get(key[-1], 2) * (1 if key[0] == "host" else 10)
