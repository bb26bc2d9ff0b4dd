"""The worked examples of the documentation are true."""

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "engine.md"


def test_the_examples_of_the_engine_page_run():
    failed, run = doctest.testfile(str(PAGE), module_relative=False)
    assert run > 8
    assert failed == 0
