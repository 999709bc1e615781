"""What the library's addresses read."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from panelmerge.lib.serializers import StrictSerializer
from panels.actions.editing import GeneChanges, split_genes
from panels.actions.typed import MAX_LIST_GENES
from panels.api.library.values import SHARE_LEVELS
from panels.api.merges import GENE_SCHEMA, LONGEST_TEXT, RESULT_KEYS, MergeBody, TypedGene, check_signs
from panels.models import PanelVersionTag, SavedPanel

STATUSES = [word for word in SavedPanel.Status.values if word != SavedPanel.Status.DELETED]


@extend_schema_field(GENE_SCHEMA["oneOf"][1])
class GeneUpdate(serializers.Field):
    """An object that names a gene of the panel by hgnc_id or gene_symbol; "" or null empties a key."""

    def to_internal_value(self, data: Any) -> dict[str, str]:
        if not isinstance(data, dict):
            raise serializers.ValidationError("An update is an object that names a gene and gives keys new values.")
        filled = TypedGene().run_validation(data)
        emptied = {key: "" for key, value in data.items() if value is None and key not in RESULT_KEYS}
        return {key: value for key, value in (filled | emptied).items() if key != "row"}


class GeneChangesBody(StrictSerializer):
    add = serializers.ListField(child=TypedGene(), required=False, max_length=MAX_LIST_GENES)
    update = serializers.ListField(child=GeneUpdate(), required=False, max_length=MAX_LIST_GENES)
    remove = serializers.ListField(child=TypedGene(), required=False, max_length=MAX_LIST_GENES)

    def to_internal_value(self, data: Any) -> GeneChanges:
        return GeneChanges(**super().to_internal_value(data))


@extend_schema_field(
    {"oneOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string", "description": "Between commas."}]}
)
class TagsField(serializers.Field):
    def to_internal_value(self, data: Any) -> list[str]:
        tags = data.split(",") if isinstance(data, str) else data
        if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
            raise serializers.ValidationError("Tags are a list of texts, or one text with commas between them.")
        for tag in tags:
            check_signs(tag)
        return tags


class Text(serializers.CharField):
    """Letter for letter; lengths are the action's to judge. Null is empty."""

    def __init__(self, **kwargs):
        super().__init__(required=False, allow_blank=True, trim_whitespace=False, max_length=LONGEST_TEXT, **kwargs)


class MetadataBody(StrictSerializer):
    name = serializers.CharField(max_length=1000, required=False)
    description = Text()
    tags = TagsField(required=False)
    status = serializers.ChoiceField(choices=STATUSES, required=False)
    visibility = serializers.ChoiceField(choices=SavedPanel.Visibility.values, required=False)
    comment = Text(help_text="Of the version that this makes.")


class NewPanelBody(MetadataBody):
    """One of genes, gene_list and upload at most; none makes an empty panel."""

    name = serializers.CharField(max_length=1000)
    genes = serializers.ListField(child=TypedGene(), required=False, max_length=MAX_LIST_GENES)
    gene_list = Text(help_text="Symbols and ids between commas, semicolons, spaces or line ends.")
    upload = serializers.UUIDField(required=False)
    source_type = serializers.ChoiceField(choices=["manual", "upload", "panelapp", "template"], required=False)
    source_reference = serializers.CharField(max_length=1000, required=False, allow_blank=True)

    def validate(self, given: dict) -> dict:
        if sum(key in given for key in ("genes", "gene_list", "upload")) > 1:
            raise serializers.ValidationError({"genes": ["Send one of genes, gene_list and upload."]})
        if "gene_list" in given:
            given["genes"] = split_genes(given.pop("gene_list"))
            if len(given["genes"]) > MAX_LIST_GENES:
                raise serializers.ValidationError({"gene_list": [f"At most {MAX_LIST_GENES:,} genes."]})
        if "upload" in given and {"source_type", "source_reference"} & given.keys():
            raise serializers.ValidationError({"source_type": ["What an upload is, it says itself."]})
        return given


class ChangeBody(MetadataBody):
    """What is not given stays."""

    genes = serializers.ListField(child=TypedGene(), required=False, max_length=MAX_LIST_GENES)
    gene_changes = GeneChangesBody(required=False)


class WholeBody(MetadataBody):
    """Description and tags that are not given become empty; status and visibility stay."""

    name = serializers.CharField(max_length=1000)
    genes = serializers.ListField(child=TypedGene(), max_length=MAX_LIST_GENES)


class SaveMergeBody(MergeBody):
    """The body of a merge, and what the panel is called."""

    name = serializers.CharField(max_length=1000)
    description = Text()
    tags = TagsField(required=False)
    status = serializers.ChoiceField(choices=STATUSES, required=False)
    visibility = serializers.ChoiceField(choices=SavedPanel.Visibility.values, required=False)
    comment = Text()

    def panel(self) -> dict[str, Any]:
        """What is not of the merge."""
        names = ("name", "description", "tags", "status", "visibility", "comment")
        return {name: self.validated_data[name] for name in names if name in self.validated_data}


class MergeIntoBody(MergeBody):
    """The panel itself is the first input; these come after it."""

    comment = Text()


class CommentOnlyBody(StrictSerializer):
    comment = Text()


class TagBody(StrictSerializer):
    tag_name = serializers.CharField(max_length=1000)
    tag_type = serializers.CharField(
        max_length=100, help_text=", ".join(PanelVersionTag.Type.values) + ", in any case."
    )
    description = Text()


@extend_schema_field({"oneOf": [{"type": "integer"}, {"type": "string"}]})
class PersonField(serializers.Field):
    """A person's number, user name, or e-mail address."""

    def to_internal_value(self, data: Any) -> int | str:
        if isinstance(data, bool) or not isinstance(data, int | str) or (isinstance(data, str) and len(data) > 254):
            raise serializers.ValidationError("A person's number, user name, or e-mail address.")
        return data


class ShareBody(StrictSerializer):
    user = PersonField(required=False)
    team = serializers.IntegerField(required=False)
    link = serializers.BooleanField(required=False)
    permission_level = serializers.ChoiceField(choices=SHARE_LEVELS, required=False)
    can_reshare = serializers.BooleanField(required=False)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, help_text="With offset.")


class ShareChangeBody(StrictSerializer):
    permission_level = serializers.ChoiceField(choices=SHARE_LEVELS, required=False)
    can_reshare = serializers.BooleanField(required=False)
    expires_at = serializers.DateTimeField(required=False, allow_null=True, help_text="Null: it never ends.")


class CommentBody(StrictSerializer):
    text = Text()
    gene = serializers.CharField(required=False, allow_blank=True, max_length=300)
    entity_type = serializers.ChoiceField(choices=["gene", "str", "region"], required=False)


class DuplicateBody(StrictSerializer):
    name = serializers.CharField(max_length=1000, required=False, allow_blank=True)
    with_history = serializers.BooleanField(required=False)


class HandOverBody(StrictSerializer):
    user = PersonField()
    keep = serializers.ChoiceField(choices=SHARE_LEVELS, required=False, allow_null=True)


class TeamBody(StrictSerializer):
    name = serializers.CharField(max_length=1000)
    description = Text()


class TeamChangeBody(StrictSerializer):
    name = serializers.CharField(max_length=1000, required=False)
    description = Text()


class MemberBody(StrictSerializer):
    user = PersonField()
    is_manager = serializers.BooleanField(required=False)


class MemberChangeBody(StrictSerializer):
    is_manager = serializers.BooleanField()


class RetentionBody(StrictSerializer):
    max_versions = serializers.IntegerField(required=False)
    backup_retention_days = serializers.IntegerField(required=False)
    keep_tagged_versions = serializers.BooleanField(required=False)
    keep_production_tags = serializers.BooleanField(required=False)
    auto_cleanup_enabled = serializers.BooleanField(required=False)
    cleanup_frequency_hours = serializers.IntegerField(required=False)


class IdsBody(StrictSerializer):
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2_147_483_647), allow_empty=False, max_length=100
    )


class ImportBody(StrictSerializer):
    """A file as multipart; without a name the panel is called like it."""

    file = serializers.FileField(allow_empty_file=True)
    name = serializers.CharField(max_length=1000, required=False)
    tags = serializers.CharField(max_length=1000, required=False, allow_blank=True, help_text="Between commas.")
    comment = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True)


def checked(body: type[serializers.Serializer], data: Any) -> dict[str, Any]:
    """The body's values; 400 that names each field that is not right."""
    one = body(data=data)
    one.is_valid(raise_exception=True)
    return one.validated_data
