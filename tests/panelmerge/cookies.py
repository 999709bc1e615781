"""What a production set-up hands to a browser: ``python -m tests.panelmerge.cookies`` prints it as JSON.

In a process of its own, because names of cookies are fixed when the settings are read.
"""

import json
import sys

import django


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
    sys.stdout.write(json.dumps({"cookies": cookies, "pages": [dict(page.headers) for page in pages]}) + "\n")


if __name__ == "__main__":
    main()
