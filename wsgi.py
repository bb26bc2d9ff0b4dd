"""What a server imports: `waitress-serve wsgi:app`, `gunicorn wsgi:app`, `flask …`."""

from config import Settings
from web.app import create_app

app = create_app(Settings.from_env())
