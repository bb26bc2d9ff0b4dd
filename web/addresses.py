"""Where to go next: only inside the site."""

from urllib.parse import urlsplit

from flask import request


def safe_next() -> str | None:
    """The address that the page asked to come back to, if it is one of ours."""
    wanted = request.values.get("next", "")
    ours = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
    readable = wanted.isascii() and wanted.isprintable()
    parts = urlsplit(wanted) if ours and readable else None
    return wanted if parts and not parts.netloc and not parts.scheme else None
