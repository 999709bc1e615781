"""Addresses that are keys themselves do not stand in the log. F-23."""

from __future__ import annotations

import logging

import pytest

from panelmerge.lib.masking import MaskFilter, masked


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("/account/confirm-email/MQ:1xVQQ0:BzR/", "/account/confirm-email/…/"),
        ("Not Found: /account/password/reset/key/1-abc-def/", "Not Found: /account/password/reset/key/…/"),
        (
            "GET /account/oidc/oidc/login/callback/?code=c1&state=s2 401",
            "GET /account/oidc/oidc/login/callback/?code=…&state=… 401",
        ),
        ("/genes/BRCA1/?q=code", "/genes/BRCA1/?q=code"),
        ("/account/confirm-email/", "/account/confirm-email/"),
    ],
)
def test_masked(text, left):
    assert masked(text) == left


def test_filter_masks_what_comes_as_an_argument():
    line = logging.LogRecord("x", logging.ERROR, "", 0, "%s: %s", ("Gone", "/account/confirm-email/key/"), None)

    MaskFilter().filter(line)

    assert line.getMessage() == "Gone: /account/confirm-email/…/"
