"""Remarks on a panel and on its genes, from COMMENT up. Promises as in ``actions.library``."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from audit.events import Action
from audit.record import record
from panelmerge.lib.errors import Refusal
from panels.actions.lists import current_records
from panels.actions.rights import check_open, check_signed_in, locked_panel, panel_for
from panels.actions.symbols import current_resolver
from panels.engine.levels import Level
from panels.engine.records import key_of
from panels.models import PanelComment

LONGEST_TEXT = 10_000


def comments_of(*, panel: int, by: Any, gene: str = "") -> QuerySet[PanelComment]:
    """Newest first, for everybody with an account who sees the panel; those on one gene where ``gene`` is given, by
    any name it has."""
    one, _ = panel_for(by, panel)
    check_signed_in(by)
    found = one.comments.select_related("author", "version")
    return found.filter(entity_key__in=_keys(gene)) if gene else found


@transaction.atomic
def add_comment(*, panel: int, by: Any, text: str, gene: str = "", entity_type: str = "") -> PanelComment:
    """Say something about the panel, or about a gene (symbol or id), STR or region of its current list."""
    one, _ = locked_panel(by, panel, Level.COMMENT)
    check_open(one)
    said = text.replace("\r\n", "\n").strip()
    if not 0 < len(said) <= LONGEST_TEXT:
        told = f"A remark has between 1 and {LONGEST_TEXT:,} characters."
        raise Refusal(f"text: {told}", errors={"text": [told]})
    key, name = "", ""
    if gene:
        wanted = [f"{entity_type}:{gene.casefold()}"] if entity_type in ("str", "region") else _keys(gene)
        named = {key_of(record): record["gene_symbol"] for record in current_records(one)}
        key = next((key for key in wanted if key in named), "")
        if not key:
            told = f'"{gene[:60]}" is not in this panel.'
            raise Refusal(f"gene: {told}", errors={"gene": [told]})
        name = named[key]
    comment = PanelComment.objects.create(
        panel=one, version=one.current_version, entity_key=key, entity_name=name, text=said, author=by
    )
    comment.refresh_from_db(fields=["created_at"])
    record(
        Action.PANEL_UPDATE,
        by=by,
        target=one,
        description=f"Commented on {name or 'the panel'} in “{one.name}”",
        details={"comment": comment.pk, "gene": key},
    )
    return comment


def _keys(gene: str) -> list[str]:
    """As what a text may stand in a panel, the surest first."""
    found = current_resolver().resolve(gene)
    keys = [f"gene:{found.hgnc_id}"] if found.found else []
    return [*keys, f"gene:{gene}", f"str:{gene.casefold()}", f"region:{gene.casefold()}"]
