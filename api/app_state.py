"""What the application was put together from (settings, shipped content, photo store), for views to get
at."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app

from config.settings import Settings
from recovery.photos.store import PhotoStore
from recovery.services.content.content import Content

KEY = "afterglow"


@dataclass(frozen=True, kw_only=True)
class AppState:
    """The settings and what ships, read once at the start; where photos are kept.

    `newest` is what clinics sign: what one runs on is `clinic_content.running`'s to say.
    """

    settings: Settings
    newest: Content
    photos: PhotoStore


def state() -> AppState:
    """The state of the application that answers this request."""
    built = current_app.extensions[KEY]
    if not isinstance(built, AppState):
        raise TypeError("the application was not made by create_app")
    return built
