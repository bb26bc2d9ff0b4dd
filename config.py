"""Settings of the service, read once from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEV_SECRET = "developpement-seulement"  # noqa: S105
DEFAULT_DATABASE = "sqlite:///" + str(Path(__file__).parent / "var" / "tremplin.sqlite")


class ConfigurationError(Exception):
    """The environment does not hold what the service needs to start safely."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the service may be told from outside; see the table of the README."""

    database_url: str = DEFAULT_DATABASE
    secret_key: str = DEV_SECRET
    data_key: str = DEV_SECRET
    production: bool = False
    demo: bool = False
    testing: bool = False
    site_url: str = "http://127.0.0.1:8000"
    mail_url: str = "console:"
    sms_url: str = "nowhere:"
    sms_token: str = ""
    register_url: str = ""
    mail_from: str = "Tremplin 3e <ne-pas-repondre@tremplin3e.invalid>"
    operator: str = "Opérateur à compléter"
    contact: str = "contact@tremplin3e.invalid"
    second_step: bool = False
    proxies: int = 0
    max_upload_bytes: int = 5 * 1024 * 1024

    def __post_init__(self) -> None:
        if self.production and (self.secret_key == DEV_SECRET or len(self.secret_key) < 32):
            raise ConfigurationError(
                "En production, SECRET_KEY doit contenir au moins 32 caractères aléatoires."
            )
        if self.production and (self.data_key == DEV_SECRET or len(self.data_key) < 32):
            raise ConfigurationError(
                "En production, DATA_KEY doit contenir au moins 32 caractères aléatoires : "
                "elle chiffre les besoins d’accessibilité et les clés des téléphones."
            )
        if self.production and self.demo:
            raise ConfigurationError("DEMO ne s’allume pas en production.")
        if self.production and not self.site_url.startswith("https://"):
            raise ConfigurationError("En production, SITE_URL doit commencer par https://.")

    @property
    def sends_texts(self) -> bool:
        """Whether people may give a number: somebody carries the SMS, or this is no real season."""
        return bool(self.sms_url) and not (self.production and self.sms_url == "nowhere:")

    @property
    def requires_second_step(self) -> bool:
        """Whether animators, overseers and administrators must register a phone to enter."""
        return self.production or self.second_step

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; refuse what cannot be safe.

        Raises:
            ConfigurationError: a secret is missing in production, or a number is not one.
        """
        values: dict[str, object] = {}
        texts = ("database_url", "secret_key", "data_key", "site_url", "mail_url", "mail_from")
        for name in (*texts, "sms_url", "sms_token", "register_url", "operator", "contact"):
            if env.get(name.upper()):
                values[name] = env[name.upper()]
        for name in ("production", "demo", "second_step"):
            values[name] = env.get(name.upper(), "").lower() in ("1", "true", "oui")
        for name in ("proxies", "max_upload_bytes"):
            if env.get(name.upper()):
                values[name] = _whole(name.upper(), env[name.upper()])
        if values["production"]:
            values.setdefault("sms_url", "")
        return cls(**values)  # type: ignore[arg-type]


def _whole(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ConfigurationError(f"{name} doit être un nombre entier, pas « {text} ».") from None
