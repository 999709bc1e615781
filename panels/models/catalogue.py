"""The mirror of PanelApp, UK and Australia: every panel, and every version ever seen of it."""

from __future__ import annotations

import re

from django.db import models

from panelmerge.lib.errors import Refusal

SOURCES = [("uk", "PanelApp UK"), ("aus", "PanelApp Australia")]

MOST_WORDS = 20
# A code of the NHS test directory in lower case, and its part after the point.
R_CODE = re.compile(r"(r\d{1,4})(\.\d{1,3})?")


class Generation(models.Model):
    """One load or synchronisation that was published whole. A failed one leaves no row."""

    source = models.CharField(max_length=3, choices=SOURCES)
    origin = models.CharField(max_length=500, help_text="Where it was read from: an address, or a file's name.")
    published_at = models.DateTimeField(auto_now_add=True, db_index=True)
    as_of = models.DateTimeField(help_text="When the service gave these data, as far as it is known.")
    panels_seen = models.PositiveIntegerField(default=0)
    versions_added = models.PositiveIntegerField(default=0)
    panels_retired = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(source__in=["uk", "aus"]), name="check_generation_source"),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} {self.published_at:%Y-%m-%d %H:%M}"


class PanelType(models.Model):
    slug = models.SlugField(max_length=100, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class CataloguePanelQuerySet(models.QuerySet):
    def in_use(self) -> CataloguePanelQuerySet:
        """Panels that their source still lists."""
        return self.filter(retired_at=None)

    def search(self, words: str) -> CataloguePanelQuerySet:
        """Panels with every word somewhere in name, disorders or groups, in any case.

        A code of the test directory is looked for whole: R67 finds R67 and
        R67.1, R67.1 finds R67.1 and R67, neither finds R670. Refusal beyond 20 words.
        """
        asked = words.replace("\x00", "").lower().split()
        if len(asked) > MOST_WORDS:
            raise Refusal(f"A search takes up to {MOST_WORDS} words.", errors={"search": ["Use fewer words."]})
        found = self
        for word in asked:
            code = R_CODE.fullmatch(word)
            if code is None:
                found = found.filter(search_text__contains=word)
                continue
            whole = models.Q(search_text__contains=f"\n{code[1]}\n") | models.Q(search_text__contains=f"\n{word}\n")
            if not code[2]:
                whole |= models.Q(search_text__contains=f"\n{word}.")
            found = found.filter(whole)
        return found

    def of_type(self, slug: str) -> CataloguePanelQuerySet:
        return self.filter(types__slug=slug)

    def in_disease_group(self, name: str) -> CataloguePanelQuerySet:
        """Panels of the group, in any case; the sub-group does not count."""
        return self.filter(disease_group__iexact=name)

    def with_gene(self, hgnc_id: str) -> CataloguePanelQuerySet:
        """Panels whose current version names the gene itself, at any level. An STR in the gene does not count."""
        entries = CatalogueEntry.objects.filter(hgnc_id=hgnc_id, entity_type="gene")
        return self.filter(pk__in=entries.values("panel"))

    def with_gene_named(self, name: str) -> CataloguePanelQuerySet:
        """Panels whose source writes a gene so: for genes that are newer than our gene names."""
        entries = CatalogueEntry.objects.filter(entity_name__in={name, name.upper()}, entity_type="gene")
        return self.filter(pk__in=entries.values("panel"))

    def facet_counts(self, column: str) -> dict[str, int]:
        """How many of these panels there are for each value of the column, empty values left out. One query."""
        counted = self.order_by().values_list(column).annotate(panels=models.Count("pk", distinct=True))
        return {value: panels for value, panels in counted.order_by(column) if value}

    def with_counts(self) -> CataloguePanelQuerySet:
        """Each with its types and its current version (for the counts), but without the body."""
        return (
            self.select_related("current_version")
            .defer("current_version__body", "current_version__skipped", "search_text")
            .prefetch_related("types")
        )


class CataloguePanel(models.Model):
    """A panel as its source heads it now. ``current_version`` is NULL while only its header is known."""

    source = models.CharField(max_length=3, choices=SOURCES)
    panel_id = models.PositiveIntegerField()
    name = models.CharField(max_length=500)
    description = models.TextField(blank=True)
    disease_group = models.CharField(max_length=500, blank=True)
    disease_sub_group = models.CharField(max_length=500, blank=True)
    relevant_disorders = models.JSONField(default=list)
    # name, disorders and groups in lower case: what a search for words looks in
    search_text = models.TextField(blank=True)
    status = models.CharField(max_length=20, blank=True)
    listed_version = models.CharField(max_length=20, help_text="The version its source names, text and never a number.")
    version_created = models.DateTimeField(null=True)
    types = models.ManyToManyField(PanelType, related_name="panels")
    current_version = models.ForeignKey("CatalogueVersion", null=True, on_delete=models.RESTRICT, related_name="+")
    generation = models.ForeignKey(Generation, on_delete=models.PROTECT, related_name="panels")
    retired_at = models.DateTimeField(null=True)

    objects = CataloguePanelQuerySet.as_manager()

    class Meta:
        ordering = ["name", "source", "panel_id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "panel_id"], name="uq_catalogue_panel"),
            models.CheckConstraint(condition=models.Q(source__in=["uk", "aus"]), name="check_catalogue_panel_source"),
        ]

    def __str__(self) -> str:
        return f"{self.source}:{self.panel_id} {self.name}"


class CatalogueVersion(models.Model):
    """One version of a panel, with its body kept as the source gave it.

    ``body`` is the JSON body compressed with zlib; it is written once and read
    by ``panels.panelapp.parse``. Counts are of different entities, and of
    genes by the highest confidence they have in the panel.
    """

    panel = models.ForeignKey(CataloguePanel, on_delete=models.CASCADE, related_name="versions")
    version = models.CharField(max_length=20)
    version_created = models.DateTimeField(null=True)
    body = models.BinaryField()
    body_sha256 = models.CharField(max_length=64)
    generation = models.ForeignKey(Generation, on_delete=models.PROTECT, related_name="versions")
    genes = models.PositiveIntegerField(default=0)
    strs = models.PositiveIntegerField(default=0)
    regions = models.PositiveIntegerField(default=0)
    green = models.PositiveIntegerField(default=0)
    amber = models.PositiveIntegerField(default=0)
    red = models.PositiveIntegerField(default=0)
    none = models.PositiveIntegerField(default=0)
    skipped = models.JSONField(default=list, help_text="Rows of the body that could not be read, and why.")

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["panel", "version"], name="uq_catalogue_version")]

    def __str__(self) -> str:
        return f"{self.panel} v{self.version}"


class CatalogueEntry(models.Model):
    """A row of a panel's current version, for finding the panels of a gene. Made again with each version."""

    panel = models.ForeignKey(CataloguePanel, on_delete=models.CASCADE, related_name="entries")
    entity_type = models.CharField(max_length=6)
    entity_name = models.CharField(max_length=255, help_text="As the source wrote it.")
    hgnc_id = models.CharField(max_length=20, blank=True)
    confidence_level = models.CharField(max_length=5, blank=True)
    mode_of_inheritance = models.CharField(max_length=500, blank=True)
    child_panel_id = models.CharField(max_length=20, blank=True)
    child_panel_name = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["hgnc_id", "panel"], name="idx_catalogue_entry_hgnc"),
            models.Index(fields=["entity_name"], name="idx_catalogue_entry_name"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(entity_type__in=["gene", "str", "region"]), name="check_catalogue_entry_type"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.entity_name} in {self.panel_id}"
