"""What kind of file this is, from its bytes: names and types sent by browsers are not trusted."""

import io
import zipfile
from collections.abc import Iterable

from web.services.errors import Refused
from web.services.imports.siecle import read_siecle
from web.services.imports.table import MAX_BYTES, Table
from web.services.imports.text import read_text
from web.services.imports.workbook import read_workbook

MAX_UNZIPPED = 60 * 1024 * 1024
MAX_READ = 16 * 1024 * 1024
"""Of what is read: ten times a list of 2,000 pupils; beyond, minutes and gigabytes."""

MAX_RATIO, SMALL = 100, 1024 * 1024
"""No list shrinks a hundred times when it is zipped; a bomb does. Small files do no harm."""

MAX_MEMBERS = 200
FIELD = "file"
WORKBOOK = "xl/workbook.xml"
SWOLLEN = "Une fois ouvert, ce classeur est beaucoup trop grand : copiez vos lignes dans un neuf."
BOMB = "Une fois ouverte, cette archive est beaucoup trop grande."

OTHERS = (
    (b"\xd0\xcf\x11\xe0", "C’est un ancien classeur Excel (.xls). Enregistrez-le en .xlsx ou CSV."),
    (b"%PDF", "C’est un PDF : il ne contient pas de tableau. Exportez la liste en CSV ou xlsx."),
    (b"\x89PNG", "C’est une image. Exportez la liste en CSV ou xlsx."),
    (b"\xff\xd8\xff", "C’est une photo. Exportez la liste en CSV ou xlsx."),
    (b"GIF8", "C’est une image. Exportez la liste en CSV ou xlsx."),
    (b"{\\rtf", "C’est un texte mis en forme (RTF). Exportez la liste en CSV ou xlsx."),
    (b"Rar!", "C’est une archive RAR. Envoyez le fichier lui-même, ou une archive zip."),
    (b"7z\xbc\xaf", "C’est une archive 7z. Envoyez le fichier lui-même, ou une archive zip."),
    (b"\x1f\x8b", "C’est une archive gzip. Envoyez le fichier lui-même, ou une archive zip."),
    (b"MZ", "C’est un programme. Envoyez une liste d’élèves : XML, CSV ou xlsx."),
)
DOCUMENTS = ("word/", "ppt/", "mimetype", "Index/")
"""What Word, PowerPoint, LibreOffice and Apple put in theirs."""

PAGES = (b"<!doctype html", b"<html", b"<table", b"<head", b"<meta")


def read_file(data: bytes) -> Table:
    """Read a list of pupils: SIECLE (XML, zip), CSV, text with tabulations, or xlsx.

    Raises:
        Refused: the file is empty, too big, of another type, broken or dangerous.
    """
    if not data.strip():
        raise Refused("Ce fichier est vide.", FIELD)
    if len(data) > MAX_BYTES:
        raise Refused("Ce fichier est trop lourd : 5 Mo au plus.", FIELD)
    if data.startswith(b"PK"):
        return _read_zip(data)
    return _read_member(data, [])


def _read_zip(data: bytes) -> Table:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _check_size(archive)
            if WORKBOOK in archive.namelist():
                return _read_workbook(archive, data)
            return _read_archive(archive)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError):
        raise Refused("Cette archive est abîmée : exportez-la de nouveau.", FIELD) from None
    except RuntimeError:
        raise Refused("Ce fichier est protégé par un mot de passe : retirez-le.", FIELD) from None


def _check_size(archive: zipfile.ZipFile) -> None:
    """Refuse a bomb before opening it: `zipfile` never gives more than the size announced."""
    members = archive.infolist()
    if len(members) > MAX_MEMBERS or sum(one.file_size for one in members) > MAX_UNZIPPED:
        raise Refused(BOMB, FIELD)


def _check_read(members: Iterable[zipfile.ZipInfo], sentence: str = BOMB) -> None:
    """Refuse what would take too long to read, or is far too well packed."""
    read = list(members)
    packed = [one for one in read if one.file_size > max(SMALL, MAX_RATIO * one.compress_size)]
    if packed or sum(one.file_size for one in read) > MAX_READ:
        raise Refused(sentence, FIELD)


def _read_workbook(archive: zipfile.ZipFile, data: bytes) -> Table:
    _check_read((one for one in archive.infolist() if one.filename.endswith(".xml")), SWOLLEN)
    return read_workbook(data)


def _read_archive(archive: zipfile.ZipFile) -> Table:
    """The list among the files of an archive: the pupils of SIECLE first."""
    if any(name.startswith(("word/", "ppt/")) or name == "mimetype" for name in archive.namelist()):
        raise Refused(
            "Ce document n’est pas un classeur xlsx. Enregistrez-le en xlsx ou CSV.", FIELD
        )
    files = [
        one for one in archive.infolist() if not one.is_dir() and "__MACOSX" not in one.filename
    ]
    ends = (".xml", ".csv", ".txt", ".xlsx")
    wanted = [one for one in files if one.filename.lower().endswith(ends)]
    if not wanted:
        raise Refused("Cette archive ne contient ni XML, ni CSV, ni xlsx.", FIELD)
    pupils = [one for one in wanted if "eleve" in one.filename.lower()]
    chosen = (pupils or wanted)[0]
    beside = [one for one in wanted if "nomenclature" in one.filename.lower()]
    _check_read([chosen, *beside])
    inside = archive.read(chosen)
    if inside.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(inside)) as workbook:
            _check_size(workbook)
            return _read_workbook(workbook, inside)
    return _read_member(inside, [archive.read(one) for one in beside])


def _read_member(data: bytes, others: list[bytes]) -> Table:
    for start, sentence in OTHERS:
        if data.startswith(start):
            raise Refused(sentence, FIELD)
    head = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if head.startswith(PAGES):
        raise Refused("C’est une page web, quel que soit son nom. Exportez en CSV.", FIELD)
    if head.startswith(b"<"):
        return read_siecle(data, others)
    return read_text(data)
