"""Rules no linter knows, checked by reading the code."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from werkzeug.routing import IntegerConverter

ROOT = Path(__file__).parent.parent
CODE = [p for d in ("matching", "models", "web") for p in sorted((ROOT / d).rglob("*.py"))]
TEMPLATES = sorted((ROOT / "web/templates").rglob("*.*"))
QUERY_WORDS = {"select", "insert", "update", "delete", "text"}
KEBAB = re.compile(r"(/([a-z0-9-]+(\.[a-z]+)?|<[a-z]+:[a-z_]+>))*/?")


def name_of(path):
    return str(path.relative_to(ROOT))


def read(path):
    return ast.parse(path.read_text())


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_only_services_commit(path):
    commits = [
        node.lineno
        for node in ast.walk(read(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
    ]
    assert not commits or "services" in path.parts


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_only_models_write_queries(path):
    taken = {
        alias.name
        for node in ast.walk(read(path))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for alias in node.names
    }
    assert not taken & QUERY_WORDS or "models" in path.parts


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_files_stay_readable(path):
    lines = len(path.read_text().splitlines())
    assert lines <= 400 or path.name == "__init__.py", "an index may be long, code may not"


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_only_the_clock_reads_the_time(path):
    calls = [
        node.lineno
        for node in ast.walk(read(path))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith((".utcnow", ".today", "datetime.now"))
    ]
    assert not calls or path.name == "clock.py"


def test_every_template_compiles(app):
    for path in TEMPLATES:
        app.jinja_env.get_template(path.relative_to(ROOT / "web/templates").as_posix())


def test_every_template_is_used():
    sources = "\n".join(p.read_text() for p in [*CODE, *TEMPLATES])
    for path in TEMPLATES:
        name = path.relative_to(ROOT / "web/templates").as_posix()
        rendered_by_kind = path.parent.name in ("emails", "texts") and not path.name.startswith("_")
        assert rendered_by_kind or f'"{name}"' in sources, f"nothing uses {name}"


def test_every_mail_has_its_template():
    from models import MessageKind

    written = {p.stem for p in (ROOT / "web/templates/emails").glob("[a-z]*.txt")}
    assert written == {kind.value for kind in MessageKind}
    texts = {p.stem for p in (ROOT / "web/templates/texts").iterdir()}
    assert texts <= written, "an SMS tells what a mail tells"


def our_rules(app):
    return [r for r in app.url_map.iter_rules() if not r.endpoint.endswith("static")]


def test_every_route_says_who_may_open_it(app):
    for rule in our_rules(app):
        view = app.view_functions[rule.endpoint]
        assert getattr(view, "access", None), f"{rule.endpoint} carries no permission mark"


def test_every_path_is_kebab_case_and_typed(app):
    for rule in our_rules(app):
        assert KEBAB.fullmatch(rule.rule), rule.rule


def test_a_number_no_database_can_hold_is_no_address(app, clock):
    client = app.test_client()
    for path in ("/eleve/offres/", "/structure/offres/", "/college/eleves/", "/animation/calculs/"):
        assert client.get(path + "9" * 23).status_code == 404


def test_every_marked_page_turns_strangers_to_the_sign_in(app, clock):
    client = app.test_client()
    for rule in our_rules(app):
        access = app.view_functions[rule.endpoint].access
        if access in ("public", "key") or "GET" not in rule.methods:
            continue
        values = {
            a: 1 if isinstance(c, IntegerConverter) else "x" for a, c in rule._converters.items()
        }
        with app.test_request_context():
            from flask import url_for

            url = url_for(rule.endpoint, **values)
        answer = client.get(url)
        assert answer.status_code == 302, url
        assert "/compte/" in answer.location


IMPORTS = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
    if "flask" in sys.modules:
        sys.exit(f"{name} brings Flask")
"""


def test_flask_free():
    services = (f"web.services.{p.stem}" for p in sorted((ROOT / "web/services").glob("[a-z]*.py")))
    command = [sys.executable, "-c", IMPORTS, "matching", "models", *services]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_nothing_of_this_machine_is_written_down():
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\n")
    home = str(ROOT)
    for name in filter(None, tracked):
        path = ROOT / name
        if path.suffix in {".py", ".md", ".html", ".txt", ".toml", ".css", ".js"}:
            assert home not in path.read_text(), name
