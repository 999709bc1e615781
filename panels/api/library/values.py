"""Panels, versions, shares and the rest as the API gives them, and the same as a description of it."""

from __future__ import annotations

import zlib
from typing import Any

import orjson
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from panelmerge.lib.crypto import Undecryptable
from panels.engine.content import GENE_KEYS
from panels.engine.levels import Standing
from panels.engine.records import PLACES
from panels.models import PanelChange, PanelComment, PanelShare, PanelVersion, PanelVersionTag, SavedPanel

# NONE: of a panel that was just handed over.
LEVELS = ["NONE", "VIEW", "COMMENT", "EDIT", "ADMIN", "OWNER"]
SHARE_LEVELS = list(PanelShare.Level.values)


class PersonValue(serializers.Serializer):
    id = serializers.IntegerField()
    username = serializers.CharField()


class PanelValue(serializers.Serializer):
    """A panel's head. ``version`` is the number of the current version, 0 where there is none yet; ``level`` how far
    you may go with it; ``owner`` is null for who is not signed in."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    tags = serializers.ListField(child=serializers.CharField())
    owner = PersonValue(allow_null=True)
    status = serializers.ChoiceField(choices=SavedPanel.Status.values)
    visibility = serializers.ChoiceField(choices=SavedPanel.Visibility.values)
    gene_count = serializers.IntegerField(help_text="Genes, STRs and regions.")
    version = serializers.IntegerField()
    version_count = serializers.IntegerField()
    content_hash = serializers.CharField(allow_null=True)
    source_type = serializers.CharField(allow_blank=True)
    source_reference = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    last_accessed_at = serializers.DateTimeField()
    level = serializers.ChoiceField(choices=LEVELS)
    can_share = serializers.BooleanField()


class GeneValue(serializers.Serializer):
    """A gene, STR or region under the keys it has everywhere; the last two only for STRs and regions."""

    def get_fields(self) -> dict[str, serializers.Field]:
        keys = {key: serializers.CharField(allow_blank=True) for key in GENE_KEYS}
        keys["entity_type"] = serializers.ChoiceField(choices=["gene", "str", "region"])
        return keys | {key: serializers.CharField(required=False) for key in PLACES}


class PanelDetailValue(PanelValue):
    genes = GeneValue(many=True)


class DroppedValue(serializers.Serializer):
    input = serializers.IntegerField()
    input_name = serializers.CharField()
    code = serializers.CharField()
    reason = serializers.CharField()
    query = serializers.CharField(required=False, allow_blank=True)
    entity = serializers.CharField(required=False)
    hgnc_id = serializers.CharField(required=False, allow_blank=True)
    entity_type = serializers.CharField(required=False)
    row = serializers.IntegerField(required=False)


class SavedMergeValue(PanelDetailValue):
    """The panel, and what of the inputs is not in it."""

    dropped = DroppedValue(many=True)


class TagValue(serializers.Serializer):
    id = serializers.IntegerField()
    tag_name = serializers.CharField()
    tag_type = serializers.ChoiceField(choices=PanelVersionTag.Type.values)
    description = serializers.CharField(allow_blank=True)
    is_protected = serializers.BooleanField()
    created_by = PersonValue(allow_null=True)
    created_at = serializers.DateTimeField()


class VersionValue(serializers.Serializer):
    """``has_genes`` is false for versions of earlier releases, which kept no genes; then ``detail`` says so."""

    version_number = serializers.IntegerField()
    comment = serializers.CharField(allow_blank=True)
    changes_summary = serializers.CharField(allow_blank=True)
    gene_count = serializers.IntegerField()
    created_by = PersonValue(allow_null=True)
    created_at = serializers.DateTimeField()
    content_hash = serializers.CharField(allow_null=True)
    is_current = serializers.BooleanField()
    has_genes = serializers.BooleanField()
    restored_from = serializers.IntegerField(allow_null=True)
    tags = TagValue(many=True)


class VersionDetailValue(VersionValue):
    """``metadata`` is the panel's name, description and tags as they were; ``recipe`` how the list was merged."""

    metadata = serializers.DictField(allow_null=True)
    recipe = serializers.DictField(allow_null=True)
    detail = serializers.CharField(allow_blank=True)
    genes = GeneValue(many=True, allow_null=True)


class ChangeValue(serializers.Serializer):
    id = serializers.IntegerField()
    version_number = serializers.IntegerField()
    change_type = serializers.ChoiceField(choices=PanelChange.Type.values)
    target_type = serializers.CharField()
    target_id = serializers.CharField(allow_blank=True)
    old_value = serializers.JSONField(allow_null=True)
    new_value = serializers.JSONField(allow_null=True)
    unreadable = serializers.BooleanField(help_text="No key of today opens the values.")
    changed_by = PersonValue()
    changed_at = serializers.DateTimeField()
    change_reason = serializers.CharField(allow_blank=True)


class ShareValue(serializers.Serializer):
    """Exactly one of user, team, email and link says with whom."""

    id = serializers.IntegerField()
    user = PersonValue(allow_null=True)
    team = inline_serializer(
        "ShareTeam", {"id": serializers.IntegerField(), "name": serializers.CharField()}, allow_null=True
    )
    email = serializers.CharField(allow_null=True)
    link = serializers.BooleanField()
    permission_level = serializers.ChoiceField(choices=SHARE_LEVELS)
    can_reshare = serializers.BooleanField()
    expires_at = serializers.DateTimeField(allow_null=True)
    has_ended = serializers.BooleanField()
    shared_by = PersonValue()
    created_at = serializers.DateTimeField()
    last_accessed_at = serializers.DateTimeField(allow_null=True)


class NewShareValue(ShareValue):
    token = serializers.CharField(required=False, help_text="Of a link: shown this once, and kept nowhere.")
    url = serializers.CharField(required=False)


class CommentValue(serializers.Serializer):
    id = serializers.IntegerField()
    text = serializers.CharField()
    gene = serializers.CharField(allow_blank=True, help_text="The gene it is about, by the name it had then.")
    hgnc_id = serializers.CharField(allow_blank=True)
    version_number = serializers.IntegerField(allow_null=True)
    author = PersonValue()
    created_at = serializers.DateTimeField()


_TEXT = {"type": "string"}
_NAMED = {"gene_symbol": _TEXT, "hgnc_id": _TEXT, "entity_type": {"type": "string", "enum": ["gene", "region", "str"]}}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _entities(**more: Any) -> dict[str, Any]:
    return {"type": "array", "items": _object(**_NAMED, **more)}


_FIELDS = {"type": "array", "items": _object(field=_TEXT, old=_TEXT, new=_TEXT)}
# Added and removed entities have every field that is compared beside their names.
DIFF_PARTS = {
    "added": _entities(),
    "removed": _entities(),
    "changed": _entities(fields=_FIELDS),
    "renamed": _entities(old=_TEXT, new=_TEXT),
    "equal": {"type": "integer"},
}
DIFF = _object(
    a={"type": "integer"},
    b={"type": "integer"},
    metadata={"type": "array", "items": _object(field=_TEXT, old={}, new={})},
    **DIFF_PARTS,
)


def person_value(person: Any) -> dict[str, Any]:
    return {"id": person.pk, "username": person.username}


def panel_value(panel: SavedPanel, standing: Standing, *, names_people: bool = True) -> dict[str, Any]:
    version = panel.current_version
    return {
        "id": panel.pk,
        "name": panel.name,
        "description": panel.description or "",
        "tags": panel.tag_list,
        "owner": person_value(panel.owner) if names_people else None,
        "status": panel.status,
        "visibility": panel.visibility,
        "gene_count": panel.gene_count,
        "version": version.version_number if version else 0,
        "version_count": panel.version_count,
        "content_hash": version.content_hash if version else None,
        "source_type": panel.source_type or "",
        "source_reference": panel.source_reference or "",
        "created_at": panel.created_at,
        "updated_at": panel.updated_at,
        "last_accessed_at": panel.last_accessed_at,
        "level": standing.level.name,
        "can_share": standing.passes_on > 0,
    }


def tag_value(tag: PanelVersionTag, *, names_people: bool = True) -> dict[str, Any]:
    return {
        "id": tag.pk,
        "tag_name": tag.tag_name,
        "tag_type": tag.tag_type,
        "description": tag.description or "",
        "is_protected": tag.is_protected,
        "created_by": person_value(tag.created_by) if names_people else None,
        "created_at": tag.created_at,
    }


def version_value(version: PanelVersion, panel: SavedPanel, *, names_people: bool = True) -> dict[str, Any]:
    """``version`` comes with created_by, and with tags and who made them prefetched."""
    is_current = version.pk == panel.current_version_id
    return {
        "version_number": version.version_number,
        "comment": version.comment or "",
        "changes_summary": version.changes_summary or "",
        "gene_count": version.gene_count or 0,
        "created_by": person_value(version.created_by) if names_people else None,
        "created_at": version.created_at,
        "content_hash": version.content_hash,
        "is_current": is_current,
        "has_genes": version.has_genes or is_current,
        "restored_from": version.restored_from,
        "tags": [tag_value(tag, names_people=names_people) for tag in version.tags.all()],
    }


def recipe_value(version: PanelVersion) -> dict[str, Any] | None:
    return None if version.recipe is None else orjson.loads(zlib.decompress(bytes(version.recipe)))


def change_value(change: PanelChange) -> dict[str, Any]:
    """``change`` came by ``with_stored_values``."""
    values: dict[str, Any] = {}
    for name in ("old_value", "new_value"):
        try:
            values[name] = change.value_of(name)
        except Undecryptable:
            values["unreadable"] = True
    return {
        "id": change.pk,
        "version_number": change.version.version_number,
        "change_type": change.change_type,
        "target_type": change.target_type,
        "target_id": change.target_id or "",
        "old_value": values.get("old_value"),
        "new_value": values.get("new_value"),
        "unreadable": values.get("unreadable", False),
        "changed_by": person_value(change.changed_by),
        "changed_at": change.changed_at,
        "change_reason": change.change_reason or "",
    }


def share_value(share: PanelShare) -> dict[str, Any]:
    team = share.shared_with_team
    return {
        "id": share.pk,
        "user": person_value(share.shared_with_user) if share.shared_with_user_id else None,
        "team": {"id": team.pk, "name": team.name} if team else None,
        "email": share.shared_with_email,
        "link": share.is_link,
        "permission_level": share.permission_level,
        "can_reshare": share.can_reshare,
        "expires_at": share.expires_at,
        "has_ended": share.has_ended,
        "shared_by": person_value(share.shared_by),
        "created_at": share.created_at,
        "last_accessed_at": share.last_accessed_at,
    }


def comment_value(comment: PanelComment) -> dict[str, Any]:
    key = comment.entity_key
    return {
        "id": comment.pk,
        "text": comment.text,
        "gene": comment.entity_name,
        "hgnc_id": key.removeprefix("gene:") if key.startswith("gene:HGNC:") else "",
        "version_number": comment.version.version_number if comment.version else None,
        "author": person_value(comment.author),
        "created_at": comment.created_at,
    }
