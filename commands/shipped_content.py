"""The content that ships with the product, read from config/ and understood, for any command."""

from __future__ import annotations

import dataclasses

from config import content_files as files
from recovery.services.content import content
from recovery.services.content.content import Content


def shipped() -> Content:
    """Curves, wordings and schedule from config/. Raises the parsers' errors."""
    return content.parse_content(**dataclasses.asdict(files.read_content_files()))
