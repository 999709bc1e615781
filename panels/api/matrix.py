"""Genes by panels, for programs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from panelmerge.lib.serializers import StrictSerializer
from panels.actions.matrix import MAX_GENES, MAX_LISTS, matrix_of_genes, own_lists
from panels.api.genes import LONGEST
from panels.api.merges import ConfidenceField
from panels.engine.genes import Unresolved
from panels.engine.matrix import OWN, Filters, Matrix, MatrixPanel
from panels.models import SOURCES


class AskedGeneField(serializers.CharField):
    """A symbol or HGNC id exactly as written."""

    def __init__(self, **options) -> None:
        super().__init__(trim_whitespace=False, max_length=LONGEST, **options)

    def to_internal_value(self, data):
        if not isinstance(data, str):
            raise serializers.ValidationError("A gene is text: a symbol or an HGNC id.")
        if not data.strip():
            self.fail("blank")
        return super().to_internal_value(data)


class MatrixBody(StrictSerializer):
    """``confidence`` takes everything but level 0 when left out; ``min_genes`` leaves panels with fewer of them out."""

    genes = serializers.ListField(child=AskedGeneField(), allow_empty=False, max_length=MAX_GENES)
    source = serializers.ChoiceField(choices=SOURCES, required=False)
    confidence = ConfidenceField()
    min_genes = serializers.IntegerField(min_value=1, max_value=MAX_GENES, required=False)
    uploads = serializers.ListField(child=serializers.UUIDField(), max_length=MAX_LISTS, required=False)

    def filters(self) -> Filters:
        given = self.validated_data
        chosen = {"levels": "confidence", "source": "source", "least": "min_genes"}
        return Filters(**{name: given[field] for name, field in chosen.items() if field in given})


class MatrixGeneValue(serializers.Serializer):
    gene_symbol = serializers.CharField()
    gene_name = serializers.CharField()
    hgnc_id = serializers.CharField(
        help_text="Empty for a gene that is newer than our names and has none in its panel."
    )
    queries = serializers.ListField(child=serializers.CharField(), help_text="What was asked for and meant this gene.")
    panels = serializers.IntegerField(help_text="How many of the panels hold it.")


class MatrixPanelValue(serializers.Serializer):
    source = serializers.ChoiceField(choices=[*SOURCES, (OWN, "One's own list")])
    panel_id = serializers.IntegerField(allow_null=True)
    upload = serializers.UUIDField(allow_null=True)
    name = serializers.CharField()
    version = serializers.CharField()
    terms = serializers.CharField()
    size = serializers.IntegerField(help_text="How many genes the panel names in all, at any level.")
    genes = serializers.IntegerField(help_text="How many of the genes asked for it holds.")


class CellValue(serializers.Serializer):
    gene = serializers.IntegerField(help_text="Position in genes, from 0.")
    panel = serializers.IntegerField(help_text="Position in panels, from 0.")
    confidence_level = serializers.CharField(help_text="The highest of the rows that were taken.")
    mode_of_inheritance = serializers.CharField(help_text="That of the row with the highest confidence.")
    other_modes = serializers.ListField(child=serializers.CharField(), help_text="What other rows say instead.")
    rows = serializers.IntegerField(help_text="How many rows of the panel say so; several in a super panel.")


class MatrixUnresolvedValue(serializers.Serializer):
    row = serializers.IntegerField(allow_null=True, help_text="Position in the genes asked for, from 1.")
    query = serializers.CharField()
    reason = serializers.CharField()


class MatrixCountsValue(serializers.Serializer):
    asked = serializers.IntegerField()
    genes = serializers.IntegerField()
    repeated = serializers.IntegerField()
    unresolved = serializers.IntegerField()
    panels = serializers.IntegerField()
    cells = serializers.IntegerField()
    in_no_panel = serializers.IntegerField()


class MatrixValue(serializers.Serializer):
    genes = MatrixGeneValue(many=True)
    panels = MatrixPanelValue(many=True)
    cells = CellValue(many=True, help_text="Only where a panel holds a gene, by gene and then by panel.")
    unresolved = MatrixUnresolvedValue(many=True)
    counts = MatrixCountsValue()
    release = serializers.CharField(help_text="The gene names that answered, such as HGNC 2023-06-13.")


class GeneMatrixView(APIView):
    """POST genes: which panels of both catalogues, and of one's own uploads, hold them. Nothing is kept."""

    @extend_schema(request=MatrixBody, responses=MatrixValue)
    def post(self, request: Request) -> Response:
        body = MatrixBody(data=request.data)
        body.is_valid(raise_exception=True)
        given = body.validated_data
        lists = own_lists(given.get("uploads", []), by=request.user, session_key=request.session.session_key)
        return Response(matrix_value(matrix_of_genes(genes=given["genes"], lists=lists, filters=body.filters())))


def matrix_value(matrix: Matrix) -> dict[str, Any]:
    """The matrix as JSON. By hand: a serializer takes seconds for a hundred thousand cells."""
    gene_at = {gene.key: place for place, gene in enumerate(matrix.genes)}
    panel_at = {panel.key: place for place, panel in enumerate(matrix.panels)}
    # No two cells have the same place, so that cells themselves are never compared.
    cells = sorted((gene_at[gene], panel_at[panel], cell) for (gene, panel), cell in matrix.cells.items())
    return {
        "genes": [
            {
                "gene_symbol": gene.gene_symbol,
                "gene_name": gene.gene_name,
                "hgnc_id": gene.hgnc_id,
                "queries": list(gene.queries),
                "panels": matrix.by_gene[gene.key],
            }
            for gene in matrix.genes
        ],
        "panels": [_panel_value(panel, matrix.by_panel[panel.key]) for panel in matrix.panels],
        "cells": [
            {
                "gene": gene,
                "panel": panel,
                "confidence_level": cell.confidence_level,
                "mode_of_inheritance": cell.mode_of_inheritance,
                "other_modes": list(cell.modes[1:]),
                "rows": cell.rows,
            }
            for gene, panel, cell in cells
        ],
        "unresolved": [_unresolved_value(one) for one in matrix.unresolved],
        "counts": matrix.counts,
        "release": matrix.gene_names,
    }


def _panel_value(panel: MatrixPanel, genes: int) -> dict[str, Any]:
    own = panel.source == OWN
    return {
        "source": panel.source,
        "panel_id": None if own else int(panel.panel_id),
        "upload": panel.panel_id if own else None,
        "name": panel.name,
        "version": panel.version,
        "terms": panel.terms,
        "size": panel.size,
        "genes": genes,
    }


def _unresolved_value(one: Unresolved) -> dict[str, Any]:
    return {"row": one.row, "query": one.query, "reason": one.reason}
