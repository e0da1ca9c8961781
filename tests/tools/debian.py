"""Packages of Debian that tests borrow, installed where this process may."""

from __future__ import annotations

import os
import shutil
import subprocess

INSTALL_SECONDS = 600


def install(package: str) -> None:
    """Install a package if this is root on a Debian; nothing happens elsewhere, or where it fails."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", package]):
        subprocess.run(command, check=False, env=quiet, stdout=subprocess.DEVNULL, timeout=INSTALL_SECONDS)
