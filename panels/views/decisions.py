"""Decisions made by hand, kept in the browser session beside the basket they were made on."""

from __future__ import annotations

from django.http import HttpRequest

from panelmerge.lib.errors import Refusal
from panels.engine.genes import Confidence
from panels.engine.merge import CONFLICT_FIELDS, Decision
from panels.views.basket import Basket

KEY = "decisions"
MAX_BASKETS = 50
MAX_DECISIONS = 2000
MAX_REASON = 1000


def decisions_of(request: HttpRequest, basket: Basket) -> dict[str, Decision]:
    kept = request.session.get(KEY, {}).get(basket.signature, {})
    return {key: Decision(**said) for key, said in kept.items()}


def keep_decision(request: HttpRequest, basket: Basket, *, entity: str, field: str, value: str, reason: str) -> None:
    """Refusal when the reason is missing or the value is none."""
    if field not in CONFLICT_FIELDS or not entity or len(entity) > 255:
        raise Refusal("That decision names no gene of this list. Reload the page and try again.")
    if not value or len(value) > 500 or (field == "confidence_level" and value not in list(Confidence)):
        raise Refusal(f"{entity}: choose one of the values.", errors={"value": ["Choose one."]})
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON:
        raise Refusal(
            f"{entity}: say in a few words why you decided so; the reason stands in the file.",
            errors={"reason": ["Give a reason of 1 to 1,000 characters."]},
        )
    baskets = request.session.get(KEY, {})
    kept = baskets.pop(basket.signature, {})
    said = kept.get(entity, {}) | {field: value, "reason": reason}
    if entity not in kept and len(kept) >= MAX_DECISIONS:
        raise Refusal(f"A list holds at most {MAX_DECISIONS:,} decisions. Choose a rule for the rest.")
    kept[entity] = said
    # Newest last, so that the oldest basket goes first.
    baskets[basket.signature] = kept
    while len(baskets) > MAX_BASKETS:
        del baskets[next(iter(baskets))]
    request.session[KEY] = baskets


def take_back(request: HttpRequest, basket: Basket, *, entity: str) -> None:
    baskets = request.session.get(KEY, {})
    if baskets.get(basket.signature, {}).pop(entity, None) is not None:
        request.session[KEY] = baskets
