"""What every file becomes: numbered rows of trimmed text."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from unicodedata import category

MAX_BYTES = 5 * 1024 * 1024
MAX_LINES = 5_000
MAX_COLUMNS = 200
MAX_CELL = 300
"""Signs kept of one cell: what is longer is no name, no date and no class."""


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one line; `number` is what the person sees in the file."""

    number: int
    cells: list[str]

    @property
    def filled(self) -> list[str]:
        """The cells that are not empty."""
        return [cell for cell in self.cells if cell]


@dataclass(frozen=True, slots=True)
class Table:
    """A file read: `kind` says in French what it was recognised as; `uai` and `season` if said.

    `never` names what else the file holds and nobody read.
    """

    rows: Sequence[Row]
    kind: str
    uai: str = ""
    season: int | None = None
    remarks: list[str] = field(default_factory=list)
    never: list[str] = field(default_factory=list)


def clean(text: str) -> str:
    """A cell without invisible signs, line breaks, spaces at its ends or Excel's « ="…" »."""
    shown = text if text.isascii() else "".join(sign for sign in text if category(sign) != "Cf")
    flat = " ".join(shown.replace("\x00", "").split())
    if flat.startswith('="') and flat.endswith('"'):
        flat = flat[2:-1].strip()
    return flat[:MAX_CELL]
