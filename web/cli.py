"""The `flask` commands of the service."""

from flask import Flask

from config import Settings


def register_commands(app: Flask, settings: Settings) -> None:
    """Add our commands to `flask`."""
