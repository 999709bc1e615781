"""What every test can ask for."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from zlib import crc32

import pytest


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real files that PANELMERGE_REAL_DATA names; without it the test is left out."""
    folder = os.environ.get("PANELMERGE_REAL_DATA")
    if not folder:
        pytest.skip("PANELMERGE_REAL_DATA is not set: no real data here")
    return Path(folder)


# Whose tests take most of the time: of these each database takes one half where PANELMERGE_HALF says 0 or 1.
HALVED = ("browser", "releases")
# Begun first, the longest before all others: what is begun last leaves the other processes idle.
BEFORE_OTHERS = ("test_description.py", "releases", "browser", "panels/library")
# A few long tests, each for itself.
APART = ("test_description.py", "test_kills.py", "test_removed_checks.py")


def pytest_collection_modifyitems(config, items):
    """Side by side (-n 2 --dist loadgroup) a file stays whole, and the browser tests share one served site."""
    for item in items:
        together = "browser" if _place(item).startswith("browser") else str(item.path)
        item.add_marker(pytest.mark.xdist_group(item.nodeid if item.path.name in APART else together))
    items.sort(key=lambda item: next((n for n, one in enumerate(BEFORE_OTHERS) if _place(item).startswith(one)), 99))
    if half := os.environ.get("PANELMERGE_HALF"):
        others = {item for item in items if _is_of_the_other_half(item, int(half))}
        config.hook.pytest_deselected(items=list(others))
        items[:] = [item for item in items if item not in others]


def _place(item: pytest.Item) -> str:
    return item.path.relative_to(item.config.rootpath / "tests").as_posix()


def _is_of_the_other_half(item: pytest.Item, half: int) -> bool:
    """What only one database can run, or what each does in its own way, stays on both."""
    on_both = item.get_closest_marker("skipif") or item.get_closest_marker("each_database")
    return _place(item).startswith(HALVED) and not on_both and crc32(item.nodeid.encode()) % 2 != half


def pytest_collection_finish():
    """What is imported by now stays: looking through it for garbage again and again is a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Gene names are in the database before the first test, as in every installation."""
    from panels.actions.symbols import load_gene_names

    with django_db_blocker.unblock():
        load_gene_names(paths=None)
        _shipped.append(_names_in_use())


# The gene names as every test finds them.
_shipped: list[tuple] = []


def _names_in_use() -> tuple:
    from panels.models import Gene, GeneRelease

    return list(GeneRelease.objects.order_by("pk").values_list("pk", "is_current")), Gene.objects.count()


@pytest.fixture(scope="session", autouse=True)
def _what_tests_that_commit_leave_behind():
    """They empty the tables afterwards; the triggers that keep the record are lifted around that, and gene names stay.

    Loading the names takes some seconds, so they are loaded again only after a test that changed them.
    """
    from django.db import connection
    from django.test import TransactionTestCase

    from audit import guards
    from panels.actions.symbols import load_gene_names
    from panels.models import Gene, GeneRelease

    empty, all_tables = TransactionTestCase._fixture_teardown, connection.introspection.django_table_names
    names = {Gene._meta.db_table, GeneRelease._meta.db_table}

    def tables_to_empty(*args, **kwargs):
        return [table for table in all_tables(*args, **kwargs) if table not in names]

    def teardown(case):
        guards.lift()
        if _names_in_use() != _shipped[-1]:
            Gene.objects.all().delete()
            GeneRelease.objects.all().delete()
            load_gene_names(paths=None)
            _shipped.append(_names_in_use())
        connection.introspection.django_table_names = tables_to_empty
        try:
            empty(case)
        finally:
            connection.introspection.django_table_names = all_tables
        guards.set_up()

    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = empty


@pytest.fixture(autouse=True)
def _ask_anew_whether_the_database_fits():
    """What one test found out about its database says nothing about that of the next."""
    from panelmerge.releases.fitting import forget

    forget()


@pytest.fixture
def demo_catalogue(db, settings):
    """The demonstration catalogue of both sources, loaded by the same code as real bodies."""
    from panels.actions.catalogue import load_catalogue

    return load_catalogue(path=settings.DEMO_CATALOGUE)


@pytest.fixture
def own_redis(tmp_path_factory):
    """A running Redis that the test may kill."""
    from tests.own_redis import OwnRedis

    server = OwnRedis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.kill()
