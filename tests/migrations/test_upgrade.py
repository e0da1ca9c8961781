from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from uuid import uuid4

import pytest
from alembic import command

from migrations import upgrade
from migrations.upgrade import WrongDatabase
from postgres_launcher.launcher import Endpoints
from tests.support.machine import databases


@pytest.fixture
def empty(server: Endpoints) -> Iterator[Endpoints]:
    """A database in which nothing was made yet."""
    name = f"test_{uuid4().hex[:12]}"
    yield databases.fresh_database(server, name)
    databases.drop_database(server, name)


def to_newest(database: Endpoints) -> None:
    upgrade.to_newest(owner_url=database.owner_url, api_url=database.api_url, worker_url=database.worker_url)


def version_of(database: Endpoints) -> object:
    with databases.connect(database.owner_url) as owner:
        return owner.execute("SELECT version_num FROM alembic_version").fetchone()


def test_the_migrations_make_what_the_models_say(database: Endpoints) -> None:
    command.check(upgrade.configuration(database.owner_url))


def test_the_first_migration_can_be_taken_back_and_run_again(database: Endpoints) -> None:
    config = upgrade.configuration(database.owner_url)
    count = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    with databases.connect(database.owner_url) as owner:
        whole = owner.execute(count).fetchone()
        command.downgrade(config, "base")
        assert owner.execute(count).fetchone() == (1,)
        upgrade.to_newest(
            owner_url=database.owner_url, api_url=database.api_url, worker_url=database.worker_url
        )
        assert owner.execute(count).fetchone() == whole
    command.check(config)


def test_an_empty_database_comes_to_the_newest_shape_and_stays_there(empty: Endpoints) -> None:
    for _ in range(2):
        to_newest(empty)
        assert version_of(empty) == (upgrade.newest(),)
    with databases.connect(empty.api_url) as api:
        assert api.execute("SELECT count(*) FROM patient").fetchone() == (0,)


@pytest.mark.parametrize("name", ["api", "worker"])
def test_a_role_that_passes_every_wall_is_refused(database: Endpoints, name: str) -> None:
    field = f"{name}_url"
    wrong = dataclasses.replace(database, **{field: database.superuser_url})
    with pytest.raises(WrongDatabase, match=rf"the {name} role 'afterglow_bootstrap' is a superuser"):
        to_newest(wrong)


@pytest.mark.parametrize("name", ["api", "worker"])
def test_an_address_without_a_role_is_refused(database: Endpoints, name: str) -> None:
    named = getattr(database, f"{name}_url")
    wrong = dataclasses.replace(database, **{f"{name}_url": named.replace(f"afterglow_{name}@", "")})
    with pytest.raises(WrongDatabase, match="each name their role"):
        to_newest(wrong)


def test_an_address_may_hold_what_stands_for_something_in_a_configuration() -> None:
    url = "postgresql+psycopg://owner@/afterglow?host=/srv/a%20folder&port=5432"
    assert upgrade.configuration(url).get_main_option("sqlalchemy.url") == url
    assert upgrade.configuration().get_main_option("sqlalchemy.url") is None
