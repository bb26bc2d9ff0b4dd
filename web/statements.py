"""The yearly statements of the PaQte as papers: one of a host, of a network, of a territory."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from models import Family, Network, Territory
from web.documents import typeset
from web.format import day, fr, number, of, percent, plural, season, told
from web.services.commitments import Line, Statement
from web.services.statement_counts import FIRST, PUPILS, Key, scope_of, told_pupils
from web.services.suppression import Hidden

TEMPLATE = "documents/statement.typ"
HIDDEN_WORDS = {
    Hidden.FEW.value: "« moins de 5 » : un groupe de 1 à 4 élèves.",
    Hidden.ASIDE.value: "« masqué » : un nombre plus grand, caché parce qu’il permettrait de "
    "retrouver un petit groupe par différence.",
}
"""What a reader of the paper needs to understand a count that is not told."""
NETWORK_OF = {network.value: network for network in Network}
PRIORITY = "Part des élèves venus de collèges prioritaires (REP+ et REP)"


def host_pdf(statement: Statement, *, operator: str, at: datetime) -> bytes:
    """What one host offered and whom it welcomed, a page that it can show."""
    line = statement.lines[0]
    return _paper(
        statement,
        f"Bilan {of(line.host.name)}",
        "Stages d’observation de 3e proposés et élèves accueillis.",
        tables=[
            *_promises(line),
            _schools(statement.schools()),
            _sectors("Élèves par famille de métiers", "Élèves", statement.total.families),
        ],
        welcomed=(statement.total.priority, statement.total.pupils),
        operator=operator,
        at=at,
    )


def territory_pdf(
    statement: Statement, network: Network | None, where: Territory, *, operator: str, at: datetime
) -> bytes:
    """What the signatories of a network, or all hosts of a territory, did: no small count."""
    said, scope = told_pupils(statement), scope_of(network)
    name = f"{where.name} : {network.label}" if network else f"{where.name} : tous les réseaux"
    purpose = (
        "Ce que les signataires ont promis, proposé et accueilli."
        if network
        else f"Toutes les structures, dont {plural(statement.others, 'structure')} sans engagement "
        "signé. Le tableau des signataires ne compte que les engagements."
    )
    return _paper(
        statement,
        f"Engagements PaQte, {name}",
        purpose,
        tables=[
            _signatories(statement, said),
            _actions(statement),
            _schools(_in_order([(name, said[scope, name]) for name, _ in statement.schools()])),
            _sectors("Places par famille de métiers", "Places", statement.total.offered),
        ],
        welcomed=(said.get((scope, FIRST), 0), said.get((scope, PUPILS), 0)),
        operator=operator,
        at=at,
    )


def _paper(
    statement: Statement,
    title: str,
    purpose: str,
    *,
    tables: list[dict[str, Any] | None],
    welcomed: tuple[int | str, int | str],
    operator: str,
    at: datetime,
) -> bytes:
    total = statement.total
    facts = [
        ("Places proposées", number(total.places)),
        ("Semaines avec des places", number(len(total.weeks))),
        ("Élèves accueillis", told(welcomed[1])),
        (PRIORITY, _share(*welcomed)),
    ]
    shown = [table for table in tables if table]
    return typeset(
        TEMPLATE,
        title=fr(f"{title}, saison {season(statement.season)}"),
        purpose=fr(purpose),
        facts=[(fr(name), value) for name, value in facts],
        tables=shown,
        legend=[fr(said) for word, said in HIDDEN_WORDS.items() if _says(shown, facts, told(word))],
        foot=fr(
            f"Compté le {day(at)} par Tremplin 3e ({operator}). Les élèves accueillis sont ceux "
            "dont la place est proposée ou acceptée après publication. Un stage trouvé par une "
            "famille n’y compte pas."
        ),
    )


def _says(tables: list[dict[str, Any]], facts: list[tuple[str, str]], word: str) -> bool:
    rows = [row for table in tables for row in table["rows"]]
    return any(word in cell for cells in (*rows, *facts) for cell in cells)


def _share(part: int | str, whole: int | str) -> str:
    if isinstance(part, str) or isinstance(whole, str):
        return "masquée : un groupe trop petit s’en déduirait"
    return percent(part, whole) if whole else "aucun élève"


def _table(caption: str, columns: list[str], rows: list[list[str]]) -> dict[str, Any] | None:
    """A table for the template, or None when it would be empty; numbers in the last columns."""
    if not rows:
        return None
    return {
        "caption": fr(caption),
        "columns": [fr(column) for column in columns],
        "rows": [[fr(cell) for cell in row] for row in rows],
    }


def _promises(line: Line) -> list[dict[str, Any] | None]:
    rows = [
        [
            one.network.label,
            day(one.signed_on, weekday=False),
            number(one.places),
            number(one.weeks),
        ]
        for one in line.promises
    ]
    columns = ["Réseau", "Signé le", "Places promises", "Semaines promises"]
    return [_table("Engagements", columns, rows)]


def _signatories(statement: Statement, said: Mapping[Key, int | str]) -> dict[str, Any] | None:
    rows = [
        [
            line.host.name,
            number(line.places),
            number(line.facts.places),
            *(told(said.get(("host", str(line.host.id), what), 0)) for what in (PUPILS, FIRST)),
        ]
        for line in statement.lines
    ]
    columns = ["Structure", "Promises", "Proposées", "Élèves accueillis", "dont REP+ et REP"]
    return _table("Signataires", columns, rows)


def _actions(statement: Statement) -> dict[str, Any] | None:
    rows = [
        [action.label, number(promised), number(done)]
        for action, promised, done in statement.actions()
    ]
    return _table("Actions", ["Action", "Promises", "Faites"], rows)


def _in_order(counts: Sequence[tuple[str, int | str]]) -> list[tuple[str, int | str]]:
    """Largest first; what is hidden by name at the end, for its place would tell its size."""

    def rank(row: tuple[str, int | str]) -> tuple[int, str, str]:
        name, count = row
        return (-count, "", name) if isinstance(count, int) else (1, count, name)

    return sorted(counts, key=rank)


def _schools(counts: Sequence[tuple[str, int | str]]) -> dict[str, Any] | None:
    rows = [[name, told(count)] for name, count in counts]
    return _table("Élèves par collège", ["Collège", "Élèves"], rows)


def _sectors(caption: str, what: str, counts: Counter[Family]) -> dict[str, Any] | None:
    rows = [[family.label, number(count)] for family, count in counts.most_common()]
    return _table(caption, ["Famille de métiers", what], rows)
