"""Codes of letters and one-use tokens: random, and kept only as keyed digests."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable

from sqlalchemy.orm import Session

# No 0/O, 1/I/L, 2/Z, 5/S, 8/B: what a tired eye confuses on paper.
ALPHABET = "ACDEFGHJKMNPQRTUVWXY34679"
CODE_LENGTH = 11


def new_code() -> str:
    """A code for a letter, 51 random bits, written in groups: « ACDE-FGH-JKMN »."""
    return _grouped(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def drawn_code(session: Session, draw: str) -> str:
    """The code of a draw: the same page sent twice prints the same letter.

    Nobody finds it without both the draw, which only that page holds, and the server's key.
    """
    number = int(digest(session, f"letter:{draw}"), 16)
    signs = []
    for _ in range(CODE_LENGTH):
        number, sign = divmod(number, len(ALPHABET))
        signs.append(ALPHABET[sign])
    return _grouped(signs)


def clean_code(typed: str) -> str:
    """What was typed, without spaces, dashes or small letters."""
    return "".join(sign for sign in typed.upper() if sign.isalnum())


def digest(session: Session, secret: str) -> str:
    """The digest under which a code or a token is kept: HMAC-SHA256 keyed by the server."""
    pepper: bytes = session.info["pepper"]
    return hmac.new(pepper, secret.encode(), hashlib.sha256).hexdigest()


def code_digest(session: Session, typed: str) -> str:
    """The digest of a code as somebody typed it."""
    return digest(session, clean_code(typed))


def new_token() -> str:
    """A token for a link sent by mail."""
    return secrets.token_urlsafe(32)


def _grouped(signs: Iterable[str]) -> str:
    text = "".join(signs)
    return f"{text[:4]}-{text[4:7]}-{text[7:]}"
