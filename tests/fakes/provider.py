"""A provider of sign-ins on loopback: discovery, token, userinfo and keys, over real HTTP."""

from __future__ import annotations

import base64
import json
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

CLIENT_ID, SECRET = "panelmerge", "canary-provider-secret"
CODE, ACCESS_TOKEN = "canary-code", "canary-access-token"


class FakeProvider:
    """``person`` is who signs in there; what was asked for a token is kept in ``asked``."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("").rstrip("/")
        self.person: dict[str, Any] = {"sub": "42", "email": "ada@example.org", "email_verified": True}
        self.asked: list[dict[str, str]] = []
        self.status = 200
        server.expect_request("/.well-known/openid-configuration").respond_with_handler(self._discovery)
        server.expect_request("/token", method="POST").respond_with_handler(self._token)
        server.expect_request("/userinfo").respond_with_handler(self._userinfo)
        server.expect_request("/keys").respond_with_json({"keys": []})

    def _discovery(self, request: Request) -> Response:
        return self._answer(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "jwks_uri": f"{self.url}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            }
        )

    def _token(self, request: Request) -> Response:
        self.asked.append(request.form.to_dict())
        return self._answer({"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 60})

    def _userinfo(self, request: Request) -> Response:
        assert request.headers["Authorization"] == f"Bearer {ACCESS_TOKEN}"
        return self._answer(self.person)

    def _answer(self, value: object) -> Response:
        return Response(json.dumps(value), self.status, content_type="application/json")

    @property
    def settings(self) -> dict[str, Any]:
        """For SOCIALACCOUNT_PROVIDERS, as the settings make it from OIDC_*."""
        app = {
            "provider_id": "oidc",
            "name": "Hospital",
            "client_id": CLIENT_ID,
            "secret": SECRET,
            "settings": {"server_url": self.url},
        }
        return {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


def unpadded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
