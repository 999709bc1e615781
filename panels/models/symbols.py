"""Gene names: one generation of HGNC's list at a time."""

from django.db import models


class GeneRelease(models.Model):
    """A load of gene names. Only the newest has genes; the older rows say what was used when."""

    dated = models.DateField(help_text="The day the names are from, as their source says.")
    sources = models.JSONField(default=list, help_text="Names of the files it was made from.")
    gene_count = models.PositiveIntegerField(default=0)
    is_current = models.BooleanField(default=False)
    loaded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_current"], condition=models.Q(is_current=True), name="uq_gene_release_current"
            ),
        ]

    def __str__(self) -> str:
        return f"HGNC {self.dated:%Y-%m-%d}"


class Gene(models.Model):
    """One HGNC entry, approved or withdrawn, with every symbol it is or was known by.

    Positions are 1-based and inclusive, written ``chromosome:start-end`` as
    Ensembl and PanelApp write them; "" where the build has no place for it.
    """

    class Status(models.TextChoices):
        APPROVED = "approved"
        WITHDRAWN = "withdrawn"

    hgnc_id = models.CharField(max_length=20, primary_key=True)
    symbol = models.CharField(max_length=100, db_index=True)
    name = models.CharField(max_length=500, blank=True)
    status = models.CharField(max_length=10, choices=Status)
    locus_type = models.CharField(max_length=100, blank=True)
    previous_symbols = models.JSONField(default=list)
    alias_symbols = models.JSONField(default=list)
    merged_into = models.JSONField(default=list, help_text="HGNC ids that a withdrawn entry went into.")
    ensembl_id = models.CharField(max_length=20, blank=True)
    grch37 = models.CharField(max_length=40, blank=True)
    grch38 = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["symbol"]
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=["approved", "withdrawn"]), name="check_gene_status"),
        ]

    def __str__(self) -> str:
        return f"{self.symbol} ({self.hgnc_id})"
