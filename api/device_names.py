"""What a device calls itself, in a few words of ours: nothing of the header itself is kept."""

from __future__ import annotations

UNKNOWN = "Unknown device"

# The first that is found counts: most browsers also name those they descend from.
_PLACES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("okhttp", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "Chromebook"),
    ("Macintosh", "Mac"),
    ("Darwin", "Apple device"),
    ("Linux", "Linux"),
)
_PROGRAMS = (
    ("SamsungBrowser", "Samsung Internet"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("CFNetwork", "App"),
    ("okhttp", "App"),
    ("Safari", "Safari"),
)
_LONGEST = 500


def device_name(user_agent: str) -> str:
    """A device as its owner would know it, like "Safari on iPhone"."""
    looked_at = user_agent[:_LONGEST]
    place = next((name for mark, name in _PLACES if mark in looked_at), None)
    program = next((name for mark, name in _PROGRAMS if mark in looked_at), None)
    if place is None:
        return UNKNOWN
    return place if program is None else f"{program} on {place}"
