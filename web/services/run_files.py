"""A run as one file that anyone can check: its instance and its result, keys and no name."""

from sqlalchemy.orm import Session

from matching.formats import read_npz, write_npz
from models import run_with_arrays
from web.services.errors import Gone, Refused


def run_file(session: Session, run_id: int) -> bytes:
    """The instance and the result of a finished run, as the bytes of one .npz.

    `python -m matching verify` reads both from it.

    Raises:
        Gone: there is no such run. Refused: it has no result.
    """
    run = session.scalar(run_with_arrays(run_id))
    if run is None:
        raise Gone("Ce calcul n’existe pas.")
    if run.result is None:
        raise Refused("Ce calcul n’a pas de résultat à exporter.")
    return write_npz({**read_npz(run.instance), **read_npz(run.result)})
