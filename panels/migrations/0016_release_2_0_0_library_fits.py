"""Release 2.0.0, rows: what older columns have no place for, on the way back and up again.

Back: an address that a panel was shared with is written into share_token, behind
``email:``; such a token opens nothing. What says that a row of panel_genes is an
STR or a region, where it lies, and its own name where another row bears it, is
written before its gene_name, as JSON behind ``panelmerge:``. Then it stops if a
value is longer than release 1.5.1 can keep, with the column and the number of
rows. Nothing is ever cut.
Forward: takes both marks back.
"""

import json

from django.db import migrations, models
from django.db.models import F, Value
from django.db.models.functions import Cast, Concat, Length

ADDRESS = "email:"
MARK = "panelmerge:"
LEAVING = ("entity_type", "grch37", "grch38", "own_name")
WIDTHS_1_5_1 = {
    "gene_symbol": 50,
    "gene_name": 255,
    "confidence_level": 100,
    "mode_of_inheritance": 500,
    "evidence_level": 200,
    "source_panel_id": 100,
    "source_list_type": 100,
    "custom_confidence": 20,
}


def rows_of(apps, schema_editor, model):
    return apps.get_model("panels", model).objects.using(schema_editor.connection.alias)


def put_aside(apps, schema_editor):
    rows_of(apps, schema_editor, "PanelShare").filter(shared_with_email__isnull=False, share_token=None).update(
        # With its number: the same address may have several panels, and tokens are unique.
        share_token=Concat(
            Value(ADDRESS),
            Cast("id", models.TextField()),
            Value(":"),
            F("shared_with_email"),
            output_field=models.TextField(),
        )
    )
    genes = rows_of(apps, schema_editor, "PanelGene")
    marked = (genes.exclude(entity_type="gene") | genes.exclude(own_name=None)).order_by("pk")
    for gene in marked.iterator(chunk_size=500):
        said = {column: value for column in LEAVING if (value := getattr(gene, column)) not in (None, "")}
        text = f"{MARK}{json.dumps(said, ensure_ascii=False)}{gene.gene_name or ''}"
        genes.filter(pk=gene.pk).update(gene_name=text)
    for column, width in WIDTHS_1_5_1.items():
        long = genes.annotate(length=Length(column)).filter(length__gt=width).count()
        if long:
            raise RuntimeError(
                f"panel_genes.{column}: {long} rows are longer than the {width} characters of release 1.5.1. "
                f"Export and remove them first; nothing was changed."
            )


def take_back(apps, schema_editor):
    shares = rows_of(apps, schema_editor, "PanelShare").filter(share_token__startswith=ADDRESS)
    for share in shares.iterator(chunk_size=500):
        share.shared_with_email = share.share_token.split(":", 2)[2]
        share.share_token = None
        share.save(update_fields=["shared_with_email", "share_token"])
    genes = rows_of(apps, schema_editor, "PanelGene")
    for gene in genes.filter(gene_name__startswith=MARK).iterator(chunk_size=500):
        said, end = json.JSONDecoder().raw_decode(gene.gene_name, len(MARK))
        genes.filter(pk=gene.pk).update(
            gene_name=gene.gene_name[end:], **{column: said[column] for column in LEAVING if column in said}
        )


class Migration(migrations.Migration):
    dependencies = [("panels", "0015_release_2_0_0_shares")]

    operations = [migrations.RunPython(take_back, put_aside, elidable=False)]
