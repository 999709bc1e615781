"""Decisions made by hand, kept in the browser session beside the basket they were made on."""

from __future__ import annotations

from django.http import HttpRequest

from panelmerge.lib.errors import Refusal
from panels.engine.merge import Conflict, Decision
from panels.views.basket import Basket

KEY = "decisions"
MAX_BASKETS = 50
MAX_DECISIONS = 2000
MAX_REASON = 1000


def decisions_of(request: HttpRequest, basket: Basket) -> dict[str, Decision]:
    kept = request.session.get(KEY, {}).get(basket.signature, {})
    return {key: Decision(**said) for key, said in kept.items()}


def keep_decision(
    request: HttpRequest, basket: Basket, *, conflict: Conflict, entity: str, field: str, value: str, reason: str
) -> None:
    """Refusal when the reason is missing or nobody said the value. An entity has one reason: that of both fields."""
    if value not in [known for known, _ in conflict.values]:
        raise Refusal("Choose one of the values that the sources give.", errors={"value": ["Choose one."]})
    baskets = request.session.get(KEY, {})
    kept = dict(baskets.get(basket.signature, {}))
    before = kept.get(entity, {})
    reason = reason.strip()
    if reason and before.keys() - {field, "reason"} and reason not in before["reason"]:
        reason = f"{before['reason']}; {reason}"
    if not reason or len(reason) > MAX_REASON:
        raise Refusal(
            "Say in a few words why you decide so; the reason stands in the file.",
            errors={"reason": ["Give a reason of 1 to 1,000 characters."]},
        )
    if entity not in kept and len(kept) >= MAX_DECISIONS:
        raise Refusal(f"A list holds at most {MAX_DECISIONS:,} decisions. Choose a rule for the rest.")
    kept[entity] = before | {field: value, "reason": reason}
    # Newest last, so that the oldest basket goes first.
    baskets.pop(basket.signature, None)
    baskets[basket.signature] = kept
    while len(baskets) > MAX_BASKETS:
        del baskets[next(iter(baskets))]
    request.session[KEY] = baskets


def take_back(request: HttpRequest, basket: Basket, *, entity: str) -> None:
    baskets = request.session.get(KEY, {})
    if baskets.get(basket.signature, {}).pop(entity, None) is not None:
        request.session[KEY] = baskets
