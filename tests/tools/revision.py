"""Drafts the next migration from the difference between the models and the newest one."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from migrations import upgrade
from postgres_launcher.launcher import LocalPostgres


def main(message: str) -> int:
    """Write migrations/versions/NNNN_message.py; the number follows the newest."""
    folder = Path(tempfile.mkdtemp(prefix="afterglow-revision-"))
    folder.chmod(0o711)
    try:
        with LocalPostgres(data_dir=folder, durable=False) as ends:
            newest = ScriptDirectory.from_config(upgrade.configuration()).get_current_head()
            if newest is not None:
                command.upgrade(upgrade.configuration(ends.owner_url), "head")
            number = f"{int(newest or 0) + 1:04d}"
            command.revision(
                upgrade.configuration(ends.owner_url), message=message, autogenerate=True, rev_id=number
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
