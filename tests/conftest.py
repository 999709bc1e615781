"""What every test can ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real files that PANELMERGE_REAL_DATA names; without it the test is left out."""
    folder = os.environ.get("PANELMERGE_REAL_DATA")
    if not folder:
        pytest.skip("PANELMERGE_REAL_DATA is not set: no real data here")
    return Path(folder)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """Gene names are in the database before the first test, as in every installation.

    A test that commits (``transaction=True``) leaves the tables empty; the next
    such test asks for ``gene_names``.
    """
    from panels.actions.symbols import load_gene_names

    with django_db_blocker.unblock():
        load_gene_names(paths=None)


@pytest.fixture(scope="session", autouse=True)
def _record_may_be_emptied_between_tests():
    """Tests that commit empty every table afterwards; the triggers that keep the record are lifted around that."""
    from django.test import TransactionTestCase

    from audit import guards

    empty = TransactionTestCase._fixture_teardown

    def teardown(case):
        guards.lift()
        empty(case)
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
def gene_names(transactional_db):
    """For tests that commit: the shipped gene names, loaded again."""
    from panels.actions.symbols import load_gene_names

    return load_gene_names(paths=None)


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
