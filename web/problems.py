"""What a system reads in place of a page when something is refused: RFC 9457."""

from collections.abc import Sequence

from flask import Response, jsonify, request


def asked_by_a_system() -> bool:
    """Whether the address is one of the public interface, which answers no page."""
    return request.path.startswith("/api/")


def problem(
    status: int, detail: str, errors: Sequence[tuple[str, str]] = ()
) -> tuple[Response, int]:
    """A refusal with its sentence, and each mistake as (JSON pointer, French sentence)."""
    answer = jsonify(
        type="about:blank",
        status=status,
        detail=detail,
        errors=[{"pointer": pointer, "detail": said} for pointer, said in errors],
    )
    answer.mimetype = "application/problem+json"
    return answer, status
