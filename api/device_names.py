"""What a device is called, in a few words of ours, by its User-Agent: nothing of the header itself is
kept."""

from __future__ import annotations

import functools

from ua_parser import BasicResolver, Domain, load_lazy_builtins

UNKNOWN = "Unknown device"

_BROWSERS = ("Samsung Internet", "Edge", "Opera", "Firefox", "Chrome", "Safari")
"""Each may stand in a longer name, as in `Chrome Mobile iOS`."""

_SYSTEMS = {
    "Android": "Android",
    "Windows": "Windows",
    "Chrome OS": "Chromebook",
    "Mac OS X": "Mac",
    "Linux": "Linux",
    "Ubuntu": "Linux",
    "Fedora": "Linux",
}
_APPLE = ("iPhone", "iPad")
_OF_APPS = ("CFNetwork", "okhttp")
"""What apps send with: they name themselves instead of a browser, and okhttp names no system."""

_LONGEST = 300
"""Characters that are looked at: browsers need fewer, and a header made to take long takes little."""


def device_name(user_agent: str) -> str:
    """A device as its owner would know it, like "Safari on iPhone"."""
    looked_at = user_agent[:_LONGEST]
    agent = _resolver()(looked_at, Domain.USER_AGENT | Domain.OS)
    system = agent.os.family if agent.os else ""
    browser = agent.user_agent.family if agent.user_agent else ""
    place = _place(system, browser=browser, header=looked_at)
    if place is None:
        return UNKNOWN
    program = next((name for name in _BROWSERS if name in browser), None)
    if program is None and any(mark in looked_at for mark in _OF_APPS):
        program = "App"
    return place if program is None else f"{program} on {place}"


def _place(system: str, *, browser: str, header: str) -> str | None:
    if system == "iOS":
        return next((name for name in _APPLE if name in header), "Apple device")
    return "Android" if browser == "okhttp" else _SYSTEMS.get(system)


@functools.cache
def _resolver() -> BasicResolver:
    """Without the cache that the library's own has: headers would stay in memory."""
    return BasicResolver(load_lazy_builtins())
