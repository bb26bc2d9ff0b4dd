"""What the demo prints at its end: the figures, and how to come in."""

from collections.abc import Iterator, Sequence

from models import Run
from web.demo.access import Door
from web.format import number
from web.services.figures import LabelFigures, figures_of

HEADS = (
    "",
    "élèves",
    "placés",
    "1er vœu",
    "3 premiers",
    "complément",
    "sans place",
    "sans vœu",
)
WIDTHS = (12, 7, 7, 8, 11, 11, 11, 9)


def figures(run: Run) -> Iterator[str]:
    """The figures of a run, by label."""
    found = figures_of(run)
    if found is None:
        return
    yield _row(HEADS)
    for row in (*found.labels, found.total):
        yield _row(_cells(row))
    share = 100 * found.priority_placed / max(found.total.placed, 1)
    yield (
        f"  {number(share)} % des places données vont aux collèges REP+ et REP ; "
        f"{number(found.seats)} places offertes."
    )
    seconds = number(run.proof["seconds"], 1)
    yield f"  Calcul : {seconds} s. Empreinte des données : {run.instance_sha256[:16]}…"


def doors(found: Sequence[Door], url: str) -> Iterator[str]:
    """One person of each role, and how to sign in."""
    yield f"Se connecter : {url}/compte/connexion"
    for door in found:
        yield f"  {door.role:<20} {door.who:<34} {door.signs_in_with}"


def _cells(row: LabelFigures) -> tuple[str, ...]:
    name = row.label.label if row.label else "Ensemble"
    counts = (row.pupils + row.no_wish, row.placed, row.first, row.top3, row.completion)
    return (name, *map(number, (*counts, row.unplaced, row.no_wish)))


def _row(cells: Sequence[str]) -> str:
    first, *others = (f"{cell:>{width}}" for cell, width in zip(cells, WIDTHS, strict=True))
    return f"  {first.strip():<{WIDTHS[0]}}{''.join(others)}"
