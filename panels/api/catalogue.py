"""The catalogue for programs: panels, one panel, one gene in all panels."""

from __future__ import annotations

from typing import Any

import django_filters
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from panels.actions.catalogue import read_panel
from panels.actions.finding import Occurrence, gene_asked, occurrences, panels_of_gene
from panels.engine.content import GENE_KEYS
from panels.engine.genes import Confidence
from panels.engine.merge import MergeInput, merge
from panels.engine.values import entity_value
from panels.models import SOURCES, CataloguePanel
from panels.panelapp.parse import version_key

COUNTS = ("genes", "strs", "regions", "green", "amber", "red", "none")


class PanelFilter(django_filters.FilterSet):
    source = django_filters.ChoiceFilter(choices=SOURCES)
    search = django_filters.CharFilter(
        method="search_words", help_text="Words of name, disorders and groups; all of them must occur."
    )
    gene = django_filters.CharFilter(
        method="naming",
        help_text="A symbol the gene has or ever had, its HGNC id or its Ensembl id. Any level of confidence.",
    )
    disease_group = django_filters.CharFilter(method="in_group")
    type = django_filters.CharFilter(method="with_type", help_text="The slug of a type, such as superpanel.")

    def search_words(self, panels, name: str, value: str):
        return panels.search(value)

    def naming(self, panels, name: str, value: str):
        return panels_of_gene(panels, value)

    def in_group(self, panels, name: str, value: str):
        return panels.in_disease_group(value)

    def with_type(self, panels, name: str, value: str):
        return panels.of_type(value)


class TypeSerializer(serializers.Serializer):
    slug = serializers.CharField()
    name = serializers.CharField()


class CountsSerializer(serializers.Serializer):
    """Different entities; genes by the highest confidence they have in the panel."""

    genes = serializers.IntegerField()
    strs = serializers.IntegerField()
    regions = serializers.IntegerField()
    green = serializers.IntegerField()
    amber = serializers.IntegerField()
    red = serializers.IntegerField()
    none = serializers.IntegerField()


class PanelSerializer(serializers.Serializer):
    """A panel's heading. ``version`` is that of the genes held here; while there are none, the listed one."""

    source = serializers.ChoiceField(choices=SOURCES)
    panel_id = serializers.IntegerField()
    name = serializers.CharField()
    version = serializers.SerializerMethodField()
    listed_version = serializers.CharField()
    version_created = serializers.DateTimeField()
    description = serializers.CharField()
    disease_group = serializers.CharField()
    disease_sub_group = serializers.CharField()
    relevant_disorders = serializers.ListField(child=serializers.CharField())
    status = serializers.CharField()
    types = TypeSerializer(many=True)
    has_genes = serializers.SerializerMethodField()
    counts = serializers.SerializerMethodField()

    def get_version(self, panel: CataloguePanel) -> str:
        return panel.current_version.version if panel.current_version else panel.listed_version

    def get_has_genes(self, panel: CataloguePanel) -> bool:
        return panel.current_version is not None

    @extend_schema_field(CountsSerializer)
    def get_counts(self, panel: CataloguePanel) -> dict[str, int] | None:
        return counts_value(panel.current_version)


def counts_value(version: Any) -> dict[str, int] | None:
    return {name: getattr(version, name) for name in COUNTS} if version else None


class RowSerializer(serializers.Serializer):
    """An entity of a panel under the keys of a gene; what rows say separately stands in ``origins``."""

    penetrance = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    publications = serializers.ListField(child=serializers.CharField())
    origins = serializers.ListField(child=serializers.DictField())
    conflicts = serializers.ListField(child=serializers.DictField())

    def get_fields(self) -> dict[str, serializers.Field]:
        return {key: serializers.CharField() for key in GENE_KEYS} | super().get_fields()


class UnreadableSerializer(serializers.Serializer):
    query = serializers.CharField()
    reason = serializers.CharField()
    row = serializers.IntegerField(allow_null=True)


class PanelWithGenesSerializer(PanelSerializer):
    versions = serializers.ListField(child=serializers.CharField(), help_text="Versions held here, newest first.")
    retired_at = serializers.DateTimeField(allow_null=True)
    terms = serializers.CharField()
    genes = RowSerializer(many=True)
    strs = RowSerializer(many=True)
    regions = RowSerializer(many=True)
    unreadable = UnreadableSerializer(many=True)


class ChildSerializer(serializers.Serializer):
    panel_id = serializers.CharField()
    name = serializers.CharField()
    confidence_level = serializers.CharField()
    mode_of_inheritance = serializers.CharField()


class OccurrenceSerializer(serializers.Serializer):
    source = serializers.ChoiceField(choices=SOURCES)
    panel_id = serializers.IntegerField()
    name = serializers.CharField()
    version = serializers.CharField()
    disease_group = serializers.CharField()
    entity_type = serializers.CharField()
    entity_name = serializers.CharField(help_text="As the source writes it.")
    confidence_level = serializers.CharField()
    mode_of_inheritance = serializers.CharField()
    child_panels = ChildSerializer(many=True)


class GenePanelsSerializer(serializers.Serializer):
    query = serializers.CharField()
    match = serializers.CharField()
    hgnc_id = serializers.CharField()
    gene_symbol = serializers.CharField()
    gene_name = serializers.CharField()
    panels = OccurrenceSerializer(many=True)
    strs = OccurrenceSerializer(many=True, help_text="Repeats that lie in the gene.")


class CataloguePanelsView(generics.ListAPIView):
    """Panels that their source still lists, by name."""

    queryset = CataloguePanel.objects.in_use().with_counts()
    serializer_class = PanelSerializer
    filter_backends = [DjangoFilterBackend]
    filterset_class = PanelFilter


class CataloguePanelView(APIView):
    @extend_schema(
        parameters=[OpenApiParameter("version", OpenApiTypes.STR, description="M.m; the current one when left out.")],
        responses=PanelWithGenesSerializer,
    )
    def get(self, request: Request, source: str, panel_id: int) -> Response:
        """One panel with its genes, STRs and regions at every level. A gene that a super panel repeats comes once."""
        genes = read_panel(source=source, panel_id=panel_id, version=request.query_params.get("version"))
        panel = CataloguePanel.objects.with_counts().get(source=source, panel_id=panel_id)
        versions = {version.version: version for version in panel.versions.defer("body", "skipped")}
        held = versions[genes.version]
        result = merge([MergeInput(genes, frozenset(Confidence))])
        rows: dict[str, list[dict]] = {"gene": [], "str": [], "region": []}
        for merged in sorted(result.entities, key=lambda one: (one.entity.name, one.entity.key)):
            rows[merged.entity.entity_type].append(row_value(merged))
        # The heading of the version asked for; this instance is never saved.
        panel.current_version, panel.name = held, genes.name
        panel.version_created = held.version_created
        return Response(
            PanelSerializer(panel).data
            | {
                "versions": sorted(versions, key=version_key, reverse=True),
                "retired_at": panel.retired_at and panel.retired_at.isoformat(),
                "terms": genes.terms,
                "genes": rows["gene"],
                "strs": rows["str"],
                "regions": rows["region"],
                "unreadable": [{"query": one.query, "reason": one.reason, "row": one.row} for one in genes.unresolved],
            }
        )


def row_value(merged: Any) -> dict[str, Any]:
    origins = merged.origins
    return entity_value(merged) | {
        "penetrance": "; ".join(sorted({origin.penetrance for origin in origins if origin.penetrance})),
        "tags": sorted({tag for origin in origins for tag in origin.tags}),
        "publications": sorted({publication for origin in origins for publication in origin.publications}),
    }


class CatalogueGeneView(APIView):
    @extend_schema(responses=GenePanelsSerializer)
    def get(self, request: Request, gene: str) -> Response:
        """Every panel of either source that names the gene, with the level and inheritance it has there."""
        asked = gene_asked(gene)
        found = [occurrence_value(one) for one in occurrences(asked)]
        return Response(
            {
                "query": asked.query,
                "match": asked.match,
                "hgnc_id": asked.hgnc_id,
                "gene_symbol": asked.gene_symbol,
                "gene_name": asked.gene_name,
                "panels": [one for one in found if one["entity_type"] == "gene"],
                "strs": [one for one in found if one["entity_type"] == "str"],
            }
        )


def occurrence_value(one: Occurrence) -> dict[str, Any]:
    strongest = one.strongest
    return {
        "source": strongest.source,
        "panel_id": strongest.panel_id,
        "name": strongest.name,
        "version": strongest.version,
        "disease_group": strongest.disease_group,
        "entity_type": strongest.entity_type,
        "entity_name": strongest.entity_name,
        "confidence_level": strongest.confidence_level,
        "mode_of_inheritance": strongest.mode_of_inheritance,
        "child_panels": [
            {
                "panel_id": entry.child_panel_id,
                "name": entry.child_panel_name,
                "confidence_level": entry.confidence_level,
                "mode_of_inheritance": entry.mode_of_inheritance,
            }
            for entry in one.entries
            if entry.child_panel_id
        ],
    }
