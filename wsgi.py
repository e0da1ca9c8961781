"""The web application for a WSGI server: `gunicorn -c config/gunicorn.conf.py wsgi:application`."""

from __future__ import annotations

from api.app import create_app
from api.server import watchdog
from config import database_urls, logging, settings
from operations.notifiers import Notifiers

_settings = settings.load()
logging.configure(level=_settings.log_level)
_urls = database_urls.named_urls(_settings)
if _urls is None:
    raise settings.SettingsError(
        "set DATABASE_URL, DATABASE_API_URL and DATABASE_WORKER_URL; "
        "with the embedded database start the web with: python manage.py up"
    )
application = create_app(_settings, database_url=_urls.api)
watchdog.Watchdog(database_url=_urls.api, outlets=Notifiers.from_settings(_settings)).start()
