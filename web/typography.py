"""French typography put once into every template, when it compiles, and into every value."""

from collections.abc import Iterator
from typing import Any

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from markupsafe import Markup, escape

from web.format import fr


class FrenchTypography(Extension):
    """Apply `fr` to the fixed text and the string constants of templates: no cost per page."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:
        """Rewrite the text tokens, leave the code alone."""
        for token in stream:
            if token.type in ("data", "string"):
                yield Token(token.lineno, token.type, fr(token.value))
            else:
                yield token


def verbatim(text: str) -> Markup:
    """A text that a machine will read again, character by character: no care is taken of it."""
    return escape(text)


def french_value(value: Any) -> Any:
    """Jinja's `finalize`: plain texts from people get the same care; markup is left alone."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return fr(value)
    return "" if value is None else value
