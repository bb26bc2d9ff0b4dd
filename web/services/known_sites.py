"""An establishment that is known already: proposed to whoever registers it."""

from typing import Protocol

from sqlalchemy.orm import Session

from models import sites_waiting
from web.services.hosts import SiteEntry
from web.services.sirets import check_siret_is_free


class Register(Protocol):
    """Who knows establishments by their SIRET."""

    def find(self, siret: str) -> SiteEntry | None:
        """The establishment, or None when it is not known."""


def proposed_site(session: Session, siret: str, register: Register) -> SiteEntry | None:
    """The name and address of a SIRET: as somebody entered it here, else as the register says.

    Raises:
        Refused: a host has confirmed this SIRET.
    """
    check_siret_is_free(session, siret)
    waiting = session.scalars(sites_waiting(siret)).first()
    if waiting is None:
        return register.find(siret)
    return SiteEntry(siret, waiting.name, waiting.address, waiting.postcode, waiting.commune)
