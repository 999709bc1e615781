"""What a production set-up hands to a browser: ``python -m tests.panelmerge.cookies`` prints it as JSON.

In a process of its own, because names of cookies are fixed when the settings are read.
"""

import json
import sys

import django

# (address, as somebody who is signed in)
SCANNED = [
    *(("/", False), ("/catalogue/", False), ("/genes/BRCA1/", False), ("/account/login/", False)),
    *(("/account/signup/", False), ("/nothing/", False), ("/api/v1/version/", False), ("/api/v1/docs/", False)),
    *(("/", True), ("/account/", True), ("/panels/", True), ("/admin/", True), ("/admin/audit/auditlog/", True)),
]


def main() -> None:
    django.setup()
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0)
    from accounts.models import User
    from announcements.actions import publish

    root = User.objects.create_superuser("root", "root@example.org", "nine violet horses")
    browser = Client()
    asked = {"secure": True, "headers": {"host": "panels.example.org"}}
    pages = [browser.get("/account/login/", **asked)]
    pages.append(browser.post("/account/login/", {"login": "root", "password": "nine violet horses"}, **asked))
    pages.append(browser.get("/account/", **asked))
    message = publish(by=root, title="Tonight", message="We move.")
    stranger = Client()
    pages.append(stranger.post(f"/announcements/{message.pk}/dismiss/", {"next": "/"}, **asked))
    pages.append(
        browser.post("/api/v1/timezone/detect/", {"timezone": "Asia/Tokyo"}, content_type="application/json", **asked)
    )
    set_by = [cookie for page in pages for cookie in page.cookies.items()]
    cookies = {name: dict(cookie) for name, cookie in set_by if cookie["max-age"] != 0}
    from_http = Client().get("/", headers={"host": "panels.example.org"})
    found = {
        "cookies": cookies,
        "pages": [dict(page.headers) for page in pages],
        "scans": [_scanned(browser if signed_in else Client(), address, asked) for address, signed_in in SCANNED],
        "from_http": [from_http.status_code, from_http.headers.get("Location", "")],
    }
    sys.stdout.write(json.dumps(found) + "\n")


def _scanned(browser, address: str, asked: dict) -> dict:
    page = browser.get(address, **asked)
    return {
        "address": address,
        "status": page.status_code,
        "headers": dict(page.headers),
        "cookies": {name: dict(cookie) for name, cookie in page.cookies.items()},
        "body": "" if page.streaming else page.content.decode(),
    }


if __name__ == "__main__":
    main()
