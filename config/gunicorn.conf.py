"""How gunicorn serves the web: a few processes of four threads, every wait with an end, no access log.

An access log would keep the secrets in links and the ids of patients' records; requests that fail are
logged by the application, without either.
"""

from config import settings as _settings

_loaded = _settings.load()

bind = f"{_loaded.host}:{_loaded.port}"
workers = _loaded.web_workers
worker_class = "api.server.gunicorn_worker.BoundedWorker"
threads = _settings.WEB_THREADS
timeout = 30
graceful_timeout = 10
keepalive = 5
backlog = 512
limit_request_line = 2048
limit_request_fields = 60
limit_request_field_size = 4096
accesslog = None
errorlog = "-"
loglevel = "warning"
max_requests = 50_000
max_requests_jitter = 5_000
