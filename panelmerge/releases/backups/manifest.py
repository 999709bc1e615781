"""What lies in a backup: counts and hashes of every table and file, and whether it was proven."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from panelmerge import __version__
from panelmerge.lib.crypto import key_id, keyed_digest
from panelmerge.lib.errors import Refusal
from panelmerge.releases import files
from panelmerge.releases.content import Content

FORMAT = "panelmerge-backup-1"
NAME = "manifest.json"
DATABASE = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
REDIS = "Redis holds only what can be rebuilt (cached answers, counters, copies of sessions); it is not in here."
PURPOSE = "backup manifest"


class Damaged(Refusal):
    """The backup is not what was written, or not one of ours. Nothing was changed."""

    code = "backup_damaged"


@dataclass(frozen=True, slots=True)
class Manifest:
    """``release`` is None for a database between two releases; ``keys`` names keys without giving them away; ``proof``
    says when and where the backup was restored, or why not."""

    made_at: str
    release: str | None
    made_by: str
    vendor: str
    server: str
    tables: dict[str, Content]
    files: dict[str, dict[str, Any]]
    env: str
    proof: dict[str, Any]
    checkpoint: str | None = None
    code: dict[str, str] = field(default_factory=lambda: {"version": __version__, "commit": commit()})
    keys: dict[str, list[str]] = field(default_factory=lambda: own_keys())

    @property
    def rows(self) -> int:
        return sum(content.rows for content in self.tables.values())

    @property
    def proven(self) -> bool:
        return bool(self.proof.get("restored"))

    def written(self) -> bytes:
        """The file: the content with its own hash, and a digest under the first AUDIT_KEY."""
        content = {"format": FORMAT, **asdict(self), "redis": REDIS}
        content["sha256"] = _hash(content)
        if settings.AUDIT_KEYS:
            digest = keyed_digest(content["sha256"], PURPOSE)
            content["seal"] = {"key": key_id(settings.AUDIT_KEYS[0]), "digest": digest}
        return json.dumps(content, indent=1, ensure_ascii=False).encode()


def read(folder: Path) -> Manifest:
    """The manifest of a backup. Raises Damaged, saying what is wrong, for what is none or was altered."""
    path = folder / NAME
    if not path.is_file():
        raise Damaged(_no_manifest(folder))
    try:
        content = json.loads(path.read_bytes())
        seal, digest = content.pop("seal", None), content.pop("sha256")
        if content["format"] != FORMAT or _hash(content) != digest:
            raise Damaged(f"{path} was altered: it does not bear its own hash.")
        known = seal and settings.AUDIT_KEYS and seal["key"] == key_id(settings.AUDIT_KEYS[0])
        if known and keyed_digest(digest, PURPOSE) != seal["digest"]:
            raise Damaged(f"{path} was altered: its seal is not that of AUDIT_KEY.")
        del content["format"], content["redis"]
        content["tables"] = {table: Content(**found) for table, found in content["tables"].items()}
        return Manifest(**content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Damaged(f"{path} is no manifest of a backup of PanelMerge: {error}") from error


def check_files(folder: Path, manifest: Manifest) -> None:
    """Raises Damaged with everything that is missing, cut or altered."""
    wrong = []
    for name, told in manifest.files.items():
        path = folder / name
        if not path.is_file():
            wrong.append(f"{name} is missing")
        elif path.stat().st_size != told["bytes"]:
            wrong.append(f"{name} has {path.stat().st_size} bytes instead of {told['bytes']}")
        elif files.sha256(path) != told["sha256"]:
            wrong.append(f"{name} was altered")
    if wrong:
        more = f" and {len(wrong) - 10} more" if len(wrong) > 10 else ""
        raise Damaged(f"The backup {folder} is damaged, nothing was changed: {'; '.join(wrong[:10])}{more}.")


def files_of(folder: Path) -> dict[str, dict[str, Any]]:
    """{name below the folder: {bytes, sha256}} of everything but the manifest."""
    return {
        str(path.relative_to(folder)): {"bytes": path.stat().st_size, "sha256": files.sha256(path)}
        for path in files.below(folder)
        if path != folder / NAME
    }


def own_keys() -> dict[str, list[str]]:
    return {"encryption": list(map(key_id, settings.ENCRYPTION_KEYS)), "audit": list(map(key_id, settings.AUDIT_KEYS))}


def commit() -> str:
    """The exact code, where it is a checkout; "unknown" elsewhere."""
    git = shutil.which("git")
    if not git:
        return "unknown"
    told = subprocess.run(
        [git, "-C", str(settings.BASE_DIR), "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    return told.stdout.strip() or "unknown"


def _hash(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _no_manifest(folder: Path) -> str:
    if not folder.is_dir():
        return f"{folder} is no folder."
    plain = sorted(path.name for path in folder.glob("*.sql"))
    if plain:
        return (
            f"{folder} has no {NAME}. {plain[0]} looks like a plain dump: load it into an empty database "
            f"(createdb NEW, then psql -v ON_ERROR_STOP=1 -1 NEW < {plain[0]}), let DATABASE_URL name that one, and "
            "run python manage.py release."
        )
    return f"{folder} has no {NAME}: it is no backup of PanelMerge, or one that was never finished."
