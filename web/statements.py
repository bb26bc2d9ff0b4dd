"""The yearly statements of the PaQte as papers: one of a host, of a network, of a territory."""

from collections import Counter
from datetime import datetime
from typing import Any

from models import Family, Network, Territory
from web.documents import typeset
from web.format import day, fr, number, percent, plural, season
from web.services.commitments import FEWEST, Line, Statement

TEMPLATE = "documents/statement.typ"
NETWORK_OF = {network.value: network for network in Network}
FEW = f"moins de {FEWEST}"
PRIORITY = "Part des élèves venus de collèges prioritaires (REP+ et REP)"


def host_pdf(statement: Statement, *, operator: str, at: datetime) -> bytes:
    """What one host offered and whom it welcomed, a page that it can show."""
    line = statement.lines[0]
    return _paper(
        statement,
        f"Bilan de {line.host.name}",
        "Stages d’observation de 3e proposés et élèves accueillis.",
        tables=[
            *_promises(line),
            _schools(statement, fewest=1),
            _sectors("Élèves par famille de métiers", "Élèves", statement.total.families),
        ],
        operator=operator,
        at=at,
    )


def territory_pdf(
    statement: Statement, network: Network | None, where: Territory, *, operator: str, at: datetime
) -> bytes:
    """What the signatories of a network, or all hosts of a territory, did: no small count."""
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
            _signatories(statement),
            _actions(statement),
            _schools(statement, fewest=FEWEST),
            _sectors("Places par famille de métiers", "Places", statement.total.offered),
        ],
        operator=operator,
        at=at,
    )


def _paper(
    statement: Statement,
    title: str,
    purpose: str,
    *,
    tables: list[dict[str, Any] | None],
    operator: str,
    at: datetime,
) -> bytes:
    total = statement.total
    facts = [
        ("Places proposées", number(total.places)),
        ("Semaines avec des places", number(len(total.weeks))),
        ("Élèves accueillis", number(total.pupils)),
        (PRIORITY, percent(total.priority, total.pupils) if total.pupils else "aucun élève"),
    ]
    return typeset(
        TEMPLATE,
        title=fr(f"{title}, saison {season(statement.season)}"),
        purpose=fr(purpose),
        facts=[(fr(name), value) for name, value in facts],
        tables=[table for table in tables if table],
        foot=fr(
            f"Compté le {day(at)} par Tremplin 3e ({operator}). Les élèves accueillis sont ceux "
            "dont la place est proposée ou acceptée après publication. Un stage trouvé par une "
            "famille n’y compte pas."
        ),
    )


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


def _signatories(statement: Statement) -> dict[str, Any] | None:
    rows = [
        [
            line.host.name,
            number(line.places),
            number(line.facts.places),
            number(line.facts.pupils),
            number(line.facts.priority) if line.facts.pupils >= FEWEST else _few(line),
        ]
        for line in statement.lines
    ]
    columns = ["Structure", "Promises", "Proposées", "Élèves accueillis", "dont REP+ et REP"]
    return _table("Signataires", columns, rows)


def _few(line: Line) -> str:
    return FEW if line.facts.pupils else number(0)


def _actions(statement: Statement) -> dict[str, Any] | None:
    rows = [
        [action.label, number(promised), number(done)]
        for action, promised, done in statement.actions()
    ]
    return _table("Actions", ["Action", "Promises", "Faites"], rows)


def _schools(statement: Statement, *, fewest: int) -> dict[str, Any] | None:
    rows = [
        [name, FEW if count is None else number(count)] for name, count in statement.schools(fewest)
    ]
    return _table("Élèves par collège", ["Collège", "Élèves"], rows)


def _sectors(caption: str, what: str, counts: Counter[Family]) -> dict[str, Any] | None:
    rows = [[family.label, number(count)] for family, count in counts.most_common()]
    return _table(caption, ["Famille de métiers", what], rows)
