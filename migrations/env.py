"""How Alembic runs the migrations: one at a time, never waiting long for a lock, as the owner role."""

from __future__ import annotations

import importlib
import pkgutil

from alembic import context
from sqlalchemy import create_engine, pool, text

from recovery import models
from recovery.models.core.base import Base

for module in pkgutil.walk_packages(models.__path__, f"{models.__name__}."):
    # A table is known once its module is there.
    importlib.import_module(module.name)

ONE_AT_A_TIME = 4_067_203_511
"""The advisory lock under which migrations run; any number, the same for all of ours."""


def run() -> None:
    """Upgrade or compare, on the connection URL that the caller put into the configuration."""
    url = context.config.get_main_option("sqlalchemy.url")
    if url is None:
        raise RuntimeError("the migrations need a database URL")
    engine = create_engine(
        url.replace("%%", "%"),
        poolclass=pool.NullPool,
        connect_args={"options": "-c timezone=UTC -c statement_timeout=60s -c lock_timeout=5s"},
    )
    with engine.connect() as connection:
        connection.execute(text("SET statement_timeout = '120s'"))
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ONE_AT_A_TIME})
        connection.execute(text("SET statement_timeout = '60s'"))
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            transaction_per_migration=True,
            compare_type=True,
            compare_server_default=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": ONE_AT_A_TIME})
        connection.commit()
    engine.dispose()


run()
