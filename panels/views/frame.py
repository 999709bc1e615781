"""What stands around the content of every page: where one is, how old the mirror is, and the basket in every link."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from panels.views.age import mirror_ages
from panels.views.basket import Basket


def frame(request: HttpRequest, section: str) -> dict[str, Any]:
    """For the context of a page. ``carry`` begins a query string with the basket, ``carry_more`` goes on with one."""
    basket = Basket.read(request.GET).without_search()
    address = basket.address()
    return {
        "section": section,
        "ages": mirror_ages(),
        "max_age_days": settings.CATALOGUE_MAX_AGE_DAYS,
        "basket": basket,
        "carry": f"?{address}" if address else "",
        "carry_more": f"&{address}" if address else "",
    }
