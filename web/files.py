"""Files that pages hand over, under names that every system accepts."""

import io
import re
import unicodedata

from flask import Response, send_file

PDF = "application/pdf"
CSV = "text/csv; charset=utf-8"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(content: bytes, kind: str, name: str) -> Response:
    """A file to keep, of this media type; accents and spaces leave its name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    safe = re.sub(r"[^A-Za-z0-9.]+", "-", plain)
    return send_file(io.BytesIO(content), kind, as_attachment=True, download_name=safe)
