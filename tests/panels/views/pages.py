"""What the page tests share: reading a page as a person does, and bringing a list along."""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile

TWO = "uk:90001=green&uk:90001=amber&aus:95001=green&aus:95001=amber"


def seen(response) -> str:
    """The page's text, without marks and with single spaces."""
    body = re.sub(r"<(head|script)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def result_of(response) -> str:
    """Genes, conflicts, undecided: the figures above the result, or why there is none."""
    text = seen(response)
    return text[text.rindex(" Result ") + 8 :].split(" Download ")[0]


def file(name: str, content: bytes | str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def bring(client, text: str, basket: str = "") -> str:
    """Paste genes; the query string of the basket they are in."""
    response = client.post(f"/uploads/?{basket}", {"text": text})
    assert response.status_code == 302, seen(response)
    return urlsplit(response["Location"]).query


def upload_id(query: str) -> str:
    return re.search(r"upload:([0-9a-f-]{36})", query)[1]
