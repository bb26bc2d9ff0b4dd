"""The worked examples of the documentation are true."""

import doctest
import re
import shlex
from pathlib import Path

from matching.__main__ import main

PAGE = Path(__file__).parents[2] / "docs" / "engine.md"


def test_the_examples_of_the_engine_page_run():
    failed, run = doctest.testfile(str(PAGE), module_relative=False)
    assert run > 8
    assert failed == 0


def test_the_commands_of_the_engine_page_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    commands = re.findall(r"^python -m matching (.+)$", PAGE.read_text(encoding="utf-8"), re.M)
    assert [c.split()[0] for c in commands] == ["generate", "solve", "verify", "explain", "measure"]
    assert [main(shlex.split(command)) for command in commands] == [0] * len(commands)
    assert capsys.readouterr().err == ""
