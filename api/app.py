"""The web application put together: blueprints, database, errors, documents, largest body, nothing personal
cached."""

from __future__ import annotations

import dataclasses
import functools

import orjson
from flask import Flask, Response, request
from flask_smorest import Api
from werkzeug.middleware.proxy_fix import ProxyFix

from api import clinic, companion, console, database, patient, webhooks
from api.app_state import KEY, AppState
from api.errors import problems
from api.openapi import completion, document
from api.operations import health
from config import content_files
from config.settings import WEB_THREADS, Settings
from recovery.photos import store
from recovery.services.content import content

API = "/api/v1"
LARGEST_BODY = 64 * 1024


def create_app(settings: Settings, *, database_url: str) -> Flask:
    """The web application on the database of the API's role.

    Raises the parsers' errors where the shipped content cannot be used.
    """
    app = Flask(__name__, static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_BODY, **document.CONFIG)
    app.extensions[KEY] = AppState(
        settings=settings,
        newest=content.parse_content(**dataclasses.asdict(content_files.read_content_files())),
        photos=store.open_store(settings.photos_at),
    )
    if settings.trusted_hops:
        hops = settings.trusted_hops
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    database.init_app(app, url=database_url, connections=WEB_THREADS)
    _register_documented(app)
    # After flask-smorest, which brings an answer to HTTP errors of its own.
    problems.init_app(app)
    for plain in (console, companion, webhooks, health):
        app.register_blueprint(plain.blueprint)
    app.after_request(_keep_private)
    return app


def _register_documented(app: Flask) -> None:
    documented = DocumentedApi(app, spec_kwargs={"extra_plugins": [document.CommonErrors()]})
    document.describe_operations(documented.spec)
    for package in (patient, clinic):
        for blueprint in package.BLUEPRINTS:
            documented.register_blueprint(blueprint, url_prefix=f"{API}{blueprint.url_prefix or ''}")
    app.register_blueprint(document.blueprint)

    @functools.cache
    def completed() -> bytes:
        return orjson.dumps(completion.complete_document(documented.spec.to_dict()))

    @app.get(f"{API}/openapi.json")
    def whole_document() -> Response:
        """The document, completed once: the application does not change while it runs."""
        return Response(completed(), content_type="application/json")


class DocumentedApi(Api):  # type: ignore[misc]  # flask-smorest has no types
    """OpenAPI from the schemas, every error a problem document."""

    ERROR_SCHEMA = document.Problem


def _keep_private(response: Response) -> Response:
    """Nothing personal is kept by anything in between; assets and public pages say otherwise themselves."""
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if request.path.startswith("/api/"):
        response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    return response
