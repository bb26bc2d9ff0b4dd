"""The register of establishments: a SIRET gives a name and an address, when somebody knows it."""

import http.client
import json
import queue
import re
import ssl
import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from web.services.hosts import SiteEntry
from web.services.known_sites import Register

SECONDS = 3
"""What a person waits, at most."""
MOST_BYTES = 200_000
AT_ONCE = 2
"""Questions asked at the same time: a slow register must not keep every page waiting."""
WRONG = (
    OSError,
    http.client.HTTPException,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    RecursionError,
)
"""What a register that is down, or that answers anything at all, may raise."""
HIDDEN = "[NON-DIFFUSIBLE]"
WORD = re.compile(r"[^\W\d_]+")
SMALL = {"DE", "DU", "DES", "LA", "LE", "LES", "ET", "EN", "AU", "AUX", "SUR", "SOUS"}


class ByHand:
    """No register: whoever registers writes the address."""

    def find(self, siret: str) -> SiteEntry | None:
        """Know nothing."""
        return None


@dataclass(frozen=True, slots=True)
class HttpRegister:
    """A register that answers as the State's « API Recherche d’entreprises » does.

    Whatever goes wrong is an establishment that is not known: the address is then written.
    """

    host: str
    path: str
    port: int | None = None
    tls: bool = True
    seconds: float = SECONDS
    doors: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(AT_ONCE)
    )

    def find(self, siret: str) -> SiteEntry | None:
        """The open establishment of this SIRET, if the register says it in time.

        A register that drips its answer would hold whoever reads it: somebody else does.
        """
        if not self.doors.acquire(blocking=False):
            return None
        told: queue.SimpleQueue[SiteEntry | None] = queue.SimpleQueue()
        threading.Thread(target=self._tell, args=(siret, told), daemon=True).start()
        try:
            return told.get(timeout=self.seconds)
        except queue.Empty:
            return None

    def _tell(self, siret: str, told: "queue.SimpleQueue[SiteEntry | None]") -> None:
        try:
            found = _entry(siret, self._ask(siret))
        except WRONG:
            found = None
        finally:
            self.doors.release()
        told.put(found)

    def _ask(self, siret: str) -> Any:
        line: http.client.HTTPConnection
        if self.tls:
            safe = ssl.create_default_context()
            line = http.client.HTTPSConnection(
                self.host, self.port, timeout=self.seconds, context=safe
            )
        else:
            line = http.client.HTTPConnection(self.host, self.port, timeout=self.seconds)
        try:
            query = urlencode({"q": siret, "page": 1, "per_page": 1})
            line.request("GET", f"{self.path}?{query}", headers={"Accept": "application/json"})
            answer = line.getresponse()
            if answer.status != http.HTTPStatus.OK:
                return None
            return json.loads(answer.read(MOST_BYTES))
        finally:
            line.close()


def register_at(url: str) -> Register:
    """The register that an address names; none when it is empty.

    Raises:
        ValueError: it is not an address.
    """
    if not url:
        return ByHand()
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("REGISTER_URL doit commencer par http:// ou https://.")
    return HttpRegister(parts.hostname, parts.path or "/", parts.port, parts.scheme == "https")


def _entry(siret: str, told: Any) -> SiteEntry | None:
    found = (told or {}).get("results") or []
    if not found:
        return None
    company = found[0]
    places = [*(company.get("matching_etablissements") or []), company.get("siege") or {}]
    site = next((one for one in places if one.get("siret") == siret), None)
    if site is None or site.get("etat_administratif", "A") != "A":
        return None
    name = company.get("nom_raison_sociale") or company.get("nom_complet") or ""
    postcode, commune = site.get("code_postal") or "", site.get("libelle_commune") or ""
    address = (site.get("adresse") or "").split(f" {postcode}")[0] if postcode else ""
    if HIDDEN in (name, site.get("adresse")):
        return None
    return SiteEntry(siret, readable(name), readable(address), str(postcode), readable(commune))


def readable(text: str) -> str:
    """« 3 RUE DU PORT, SAINT-HERBLAIN » as people write it: « 3 Rue du Port, Saint-Herblain »."""
    if not text.isupper():
        return text
    return WORD.sub(lambda one: one[0].lower() if one[0] in SMALL else one[0].capitalize(), text)
