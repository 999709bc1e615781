from __future__ import annotations

from collections.abc import Callable

import pytest

from panelmerge.releases.legacy.keys import VARIABLE
from tests.releases.legacy.making import make


@pytest.fixture
def flask_database(database_at, monkeypatch) -> Callable[[str], str]:
    """``flask_database("1.4.1")``: the default database is one that the older application left at that stage."""
    monkeypatch.delenv(VARIABLE, raising=False)

    def become(stage: str) -> str:
        name = database_at("empty")
        make(stage)
        return name

    return become
