"""Who may import whom, and what no file may hold. The walls of the house as tests."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

ROOT = Path(__file__).resolve().parent.parent
APPS = ("panelmerge", "panels", "announcements", "accounts", "audit")
SOURCES = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py"))


def test_import_contracts_hold():
    """panels | announcements → accounts → audit → lib; doors → actions → formats, panelapp → engine."""
    linter = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert linter.returncode == 0, linter.stdout + linter.stderr


def test_engine_imports_no_django():
    for path in (ROOT / "panels" / "engine").glob("*.py"):
        imported = {
            name.split(".")[0]
            for node in ast.walk(ast.parse(path.read_text()))
            for name in (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }

        assert not imported & {"django", "rest_framework", "requests", "xlsxwriter"}, path


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_two_rooms(path):
    assert len(path.read_text().splitlines()) <= 450


def test_no_statement_of_ours_names_the_user_table_without_quotes():
    """AC-01: user is a reserved word in PostgreSQL."""
    unquoted = re.compile(r"\b(from|join|into|update|table|references)\s+user\b", re.IGNORECASE)
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "user" in node.value:
                statement = node.value
                assert not (unquoted.search(statement) and re.search(r"\b(SELECT|INSERT|ALTER)\b", statement)), path


def test_templates_have_no_inline_script_or_style():
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text()

        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son(?!e=)[a-z]+=|javascript:|\|safe\b", text), (
            path
        )
        assert not re.search(r"(src|href|action)=[\"']https?://", text), path


def addresses(resolver=None, prefix="") -> set[str]:
    found = set()
    for pattern in (resolver or get_resolver()).url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found |= addresses(pattern, route)
        elif isinstance(pattern, URLPattern):
            found.add(route)
    return found


def test_every_address_of_the_api_ends_with_a_slash():
    for route in addresses():
        if route.startswith("api/v1/"):
            assert route.endswith("/"), route
