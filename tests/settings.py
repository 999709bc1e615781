"""The project's own settings, under keys made for tests."""

import os

for _name, _value in {
    "ENV_FILE": os.devnull,
    "DEBUG": "False",
    "SECRET_KEY": "only-for-tests-" + "k" * 50,
    "ENCRYPTION_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "AUDIT_KEY": "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY=",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    # The tests that are about it switch it on.
    "MFA_REQUIRED_FOR_ADMINS": "False",
    "EMAIL_URL": "memorymail://",
    "LOG_FILE": "-",
}.items():
    os.environ.setdefault(_name, _value)

# Tests that run side by side have a database each by pytest-django; here a PostgreSQL and a part of Redis each.
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_clusters = os.environ.get("DATABASE_URLS", "").split()
if _worker < len(_clusters):
    os.environ["DATABASE_URL"] = _clusters[_worker]
if os.environ.get("REDIS_URL"):
    os.environ["REDIS_URL"] = os.environ["REDIS_URL"].replace("db=0", f"db={_worker}")

from panelmerge.settings import *

if DATABASES["default"]["ENGINE"] == "panelmerge.lib.sqlite3":
    # Each process has its own, whatever the engine is called.
    DATABASES["default"]["TEST"] = {"NAME": ":memory:"}
# Argon2 takes a third of a second a password by design.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
AUDIT_SEAL_SOON = False
# Off but where a test is about it: it costs a query a page.
IP_BLOCKING_ENABLED = False
SECURITY_MONITORING_ENABLED = False
# Tests send more than a person does; those of the limits set their own.
RATE_LIMIT_PER_MINUTE = RATE_LIMIT_PER_HOUR = RATE_LIMIT_PER_DAY = 0
