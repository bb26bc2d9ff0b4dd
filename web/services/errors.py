"""What a use case may refuse, in words a person can read."""


class Refused(Exception):  # noqa: N818
    """A rule of the programme says no. The message, in French, is shown as is.

    `field` names the form field it belongs to, when the page has one.
    """

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Gone(Refused):
    """The thing asked for does not exist, or not for this person."""
