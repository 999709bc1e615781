"""Settings, from the environment or ``.env``. Names and meanings: ``.env.example``."""

from __future__ import annotations

import logging
import os
import warnings
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import environ

from panelmerge.api_settings import REST_FRAMEWORK as REST_FRAMEWORK
from panelmerge.api_settings import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from panelmerge.lib.env import boolean, comma_list, database, make_folder_of, number, one_of, secret
from panelmerge.log_settings import logging_to

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
# Where upgrade puts its backups, each in a folder of its own.
BACKUP_ROOT = BASE_DIR / "backups"

env = environ.Env()
ENV_FILE = Path(os.environ.get("ENV_FILE", BASE_DIR / ".env"))
environ.Env.read_env(ENV_FILE)


# --- What kind of running this is -----------------------------------------------------------------

_flask_env = os.environ.get("FLASK_ENV", "")
if _flask_env:
    warnings.warn("FLASK_ENV is an old spelling; write DEBUG=True or DEBUG=False instead.", stacklevel=1)
DEBUG = boolean("DEBUG", _flask_env == "development")
PROFILE = boolean("PROFILE", False)
WITHOUT_DB = boolean("WITHOUT_DB", False)
SITE_URL = env.str("SITE_URL", default="").rstrip("/")
HTTPS = SITE_URL.lower().startswith("https://")
ALLOWED_HOSTS = comma_list(env.str("ALLOWED_HOSTS", default="localhost,127.0.0.1,[::1]" if DEBUG else ""))
TRUSTED_PROXIES = comma_list(env.str("TRUSTED_PROXIES", default=""))

# --- Secrets: none has a working default; panelmerge.checks stops the start without them ----------

SECRET_KEY = secret("SECRET_KEY")
ENCRYPTION_KEYS = comma_list(secret("ENCRYPTION_KEY"))
AUDIT_KEYS = comma_list(secret("AUDIT_KEY"))

# --- The house ------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "panelmerge.apps.PanelMergeConfig",
    "panelmerge.apps.BackOfficeConfig",
    "panels",
    "announcements",
    "accounts",
    "audit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "axes",
    "django_filters",
    "django_htmx",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    # Around everything, and only with PROFILE.
    "panelmerge.profiling.ProfileMiddleware",
    "panelmerge.lib.requestid.RequestIdMiddleware",
    # What sets headers stands before what may answer: the redirect to https and static files have them too.
    "panelmerge.lib.headers.SecurityHeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "panelmerge.lib.headers.RequestSizeMiddleware",
    "panelmerge.lib.headers.NoNulMiddleware",
    "panelmerge.serving.ServingMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "accounts.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.SessionTouchMiddleware",
    "panelmerge.limits.RateLimitMiddleware",
    "accounts.middleware.TimeZoneMiddleware",
    "audit.middleware.AuditContextMiddleware",
    "panelmerge.without_db.WithoutDatabaseMiddleware",
    "panelmerge.watch.WatchMiddleware",
    "panelmerge.duties.DutiesMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "panelmerge.errors.RefusalMiddleware",
    # Answers for a sign-in that it locked out; nothing stands behind it.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "panelmerge.urls"
WSGI_APPLICATION = "panelmerge.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "panelmerge.context.site",
                "announcements.shown.announcements",
            ],
        },
    },
]

# --- Database and cache: each chosen by one address -----------------------------------------------

SQLITE_OPTIONS = {
    "timeout": 20,
    # A transaction that reads and then writes would otherwise fail at once under contention.
    "transaction_mode": "IMMEDIATE",
    # Without recursive_triggers INSERT OR REPLACE walks past triggers that refuse deletion.
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA recursive_triggers=ON;",
}

if WITHOUT_DB:
    from panelmerge.without_db import temporary_database

    _database = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(temporary_database())}
else:
    _database = database("DATABASE_URL", f"sqlite:///{VAR_DIR / 'panelmerge.sqlite3'}")
if _database["ENGINE"] == "django.db.backends.sqlite3":
    # Django's own, with a door that releases shut while they exchange the file.
    _database["ENGINE"] = "panelmerge.lib.sqlite3"
    _database.setdefault("OPTIONS", {}).update(SQLITE_OPTIONS)
    if "NAME" in _database and _database["NAME"] not in (":memory:", ""):
        # Private lists and sessions lie in the file.
        Path(_database["NAME"]).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
else:
    _database["CONN_MAX_AGE"] = 60
    _database["CONN_HEALTH_CHECKS"] = True
DATABASES = {"default": _database}
# The upgrade guide fixes names of indexes that are longer than Oracle's 30 characters; we never run on Oracle.
SILENCED_SYSTEM_CHECKS = ["models.E034"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"

REDIS_URL = "" if WITHOUT_DB else secret("REDIS_URL")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "panelmerge.lib.cache.RedisCache",
            "LOCATION": REDIS_URL,
            "KEY_PREFIX": "panelmerge",
            "OPTIONS": {
                "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
                # Slower than this it is no help; panelmerge.lib.cache then leaves it alone for a while.
                "SOCKET_CONNECT_TIMEOUT": 0.1,
                "SOCKET_TIMEOUT": 0.1,
                # The cache only speeds things up: without Redis everything goes on.
                "IGNORE_EXCEPTIONS": True,
            },
        }
    }
else:
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# --- People, sessions, cookies --------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.LockoutBackend", "accounts.backends.RoleBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    # What the Flask application wrote; replaced at the next sign-in.
    "accounts.hashers.WerkzeugPasswordHasher",
]
# Length over composition.
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "accounts.passwords.MaximumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.NotUsedBeforeValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "panels:workbench"
LOGOUT_REDIRECT_URL = "panels:workbench"
# A sentence to agree to at sign-up; none is asked where it is empty.
SIGN_UP_CONSENT = env.str("SIGN_UP_CONSENT", default="")
MFA_REQUIRED_FOR_ADMINS = boolean("MFA_REQUIRED_FOR_ADMINS", not DEBUG)

ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "login": "accounts.forms.SignInForm",
    "signup": "accounts.forms.SignUpForm",
    "change_password": "accounts.forms.ChangePasswordForm",
    "set_password": "accounts.forms.SetPasswordForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.ResetPasswordKeyForm",
    "add_email": "accounts.forms.NewAddressForm",
    "reauthenticate": "accounts.forms.PasswordAgainForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_MAX_LENGTH = 120
# Whoever's password, address or second factor changes is told.
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[PanelMerge] "
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
# A mailed code proves the mailbox, which is what some of these actions are to change.
ACCOUNT_REAUTHENTICATION_METHODS = ("password", "mfa")
# Sign-in is limited by lockout and by RATE_LIMIT_*; what sends mails keeps allauth's own limits.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None, "signup": None, "reauthenticate": None}
MFA_ADAPTER = "accounts.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "PanelMerge"
# Telephones are half a minute late now and then; each code works once all the same.
MFA_TOTP_TOLERANCE = 1
MFA_FORMS = {
    "authenticate": "accounts.forms.CodeForm",
    "reauthenticate": "accounts.forms.CodeAgainForm",
    "activate_totp": "accounts.forms.SwitchOnForm",
}
USERSESSIONS_TRACK_ACTIVITY = False
SOCIALACCOUNT_ADAPTER = "accounts.adapters.SocialAccountAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_FORMS = {
    "signup": "accounts.forms.SocialSignUpForm",
    "disconnect": "accounts.forms.DisconnectForm",
}
OIDC = {
    "name": env.str("OIDC_NAME", default="Single sign-on"),
    "server_url": env.str("OIDC_SERVER_URL", default=""),
    "client_id": env.str("OIDC_CLIENT_ID", default=""),
    "secret": secret("OIDC_CLIENT_SECRET"),
}
if OIDC["server_url"]:
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "oidc",
                    "name": OIDC["name"],
                    "client_id": OIDC["client_id"],
                    "secret": OIDC["secret"],
                    "settings": {"server_url": OIDC["server_url"]},
                }
            ],
        }
    }

MAX_LOGIN_ATTEMPTS = number("MAX_LOGIN_ATTEMPTS", 5)
LOCKOUT_DURATION = number("LOCKOUT_DURATION", 900)
AXES_FAILURE_LIMIT = MAX_LOGIN_ATTEMPTS
AXES_COOLOFF_TIME = timedelta(seconds=LOCKOUT_DURATION)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "accounts.lockout.account_key"
AXES_CLIENT_IP_CALLABLE = "accounts.lockout.network"
AXES_LOCKOUT_CALLABLE = "accounts.lockout.locked_answer"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ACCESS_FAILURE_LOG = True
# Old lines are swept by accounts.lockout; past its own limit axes would delete the newest.
AXES_ACCESS_FAILURE_LOG_PER_USER_LIMIT = 10**9
AXES_SENSITIVE_PARAMETERS = ["login", "username", "email", "code", "csrfmiddlewaretoken", "next"]
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# API calls and posted forms; 0 switches a window off.
RATE_LIMIT_PER_MINUTE = number("RATE_LIMIT_PER_MINUTE", 60)
RATE_LIMIT_PER_HOUR = number("RATE_LIMIT_PER_HOUR", 1000)
RATE_LIMIT_PER_DAY = number("RATE_LIMIT_PER_DAY", 10000)

SESSION_TIMEOUT = number("SESSION_TIMEOUT", 3600)
SESSION_ABSOLUTE_TIMEOUT = number("SESSION_ABSOLUTE_TIMEOUT", 12 * 3600)
SESSION_COOKIE_AGE = SESSION_TIMEOUT
# Redis only speeds sessions up: whether one stands, the database says at every request.
SESSION_ENGINE = "accounts.session_store" if REDIS_URL else "django.contrib.sessions.backends.db"
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "panelmerge.lib.notes.NoteStorage"
CSRF_FAILURE_VIEW = "panelmerge.errors.csrf_failure"
if HTTPS:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    SECURE_SSL_REDIRECT = True
    # Who watches the server asks it directly; a redirect would hide that it is not ready.
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
    SECURE_HSTS_SECONDS = 31536000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
    CSRF_TRUSTED_ORIGINS = [SITE_URL]

# --- E-mail ---------------------------------------------------------------------------------------

EMAIL_URL = secret("EMAIL_URL")
EMAIL_CONFIGURED = bool(EMAIL_URL) or DEBUG
_email = environ.Env.email_url_config(EMAIL_URL or "consolemail://")
if _email["EMAIL_FILE_PATH"]:
    # filemail:///var/mails is that folder, not one below the working folder.
    _email["EMAIL_FILE_PATH"] = "/" + _email["EMAIL_FILE_PATH"].lstrip("/")
vars().update(_email)
DEFAULT_FROM_EMAIL = env.str(
    "DEFAULT_FROM_EMAIL", default=f"PanelMerge <no-reply@{urlsplit(SITE_URL).hostname or 'localhost'}>"
)
EMAIL_TIMEOUT = 10

# --- Headers --------------------------------------------------------------------------------------

X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "img-src": ["'self'", "data:"],
    }
}

# --- Watching over the door -----------------------------------------------------------------------

SECURITY_MONITORING_ENABLED = boolean("SECURITY_MONITORING_ENABLED", True)
THREAT_DETECTION_SENSITIVITY = one_of("THREAT_DETECTION_SENSITIVITY", "MEDIUM", ("LOW", "MEDIUM", "HIGH"))
IP_BLOCKING_ENABLED = boolean("IP_BLOCKING_ENABLED", True)
IP_BLOCK_HOURS = number("IP_BLOCK_HOURS", 24)
BRUTE_FORCE_THRESHOLD = number("BRUTE_FORCE_THRESHOLD", 5)

# --- The record of changes ------------------------------------------------------------------------

AUDIT_ENCRYPTION = boolean("AUDIT_ENCRYPTION", True)
AUDIT_COMPRESSION = boolean("AUDIT_COMPRESSION", True)
# Each seal's signed line goes here, best onto another disk under another user.
AUDIT_CHECKPOINT_FILE = env.str("AUDIT_CHECKPOINT_FILE", default=str(VAR_DIR / "audit.checkpoints"))
if WITHOUT_DB:
    AUDIT_CHECKPOINT_FILE = str(Path(_database["NAME"]).parent / "audit.checkpoints")
AUDIT_RETENTION_DAYS = number("AUDIT_RETENTION_DAYS", 365)
# Off where a test seals by hand.
AUDIT_SEAL_SOON = True

# --- PanelApp -------------------------------------------------------------------------------------

PANELAPP = {
    "uk": {
        "url": env.str("PANELAPP_UK_URL", default="https://panelapp.genomicsengland.co.uk/api/v1").rstrip("/"),
        "token": secret("PANELAPP_UK_TOKEN"),
    },
    "aus": {
        "url": env.str("PANELAPP_AUS_URL", default="https://panelapp-aus.org/api/v1").rstrip("/"),
        "token": secret("PANELAPP_AUS_TOKEN"),
    },
}
CATALOGUE_MAX_AGE_DAYS = number("CATALOGUE_MAX_AGE_DAYS", 7)
CATALOGUE_PATH = env.str("CATALOGUE_PATH", default="")
DEMO_CATALOGUE = str(BASE_DIR / "panels" / "shipped" / "demo_catalogue")

# --- Uploads --------------------------------------------------------------------------------------

MAX_UPLOAD_SIZE = number("MAX_UPLOAD_SIZE", 10 * 1024 * 1024)
_old_uploads = BASE_DIR / "instance" / "uploads"
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(_old_uploads if _old_uploads.is_dir() else VAR_DIR / "uploads"))
if WITHOUT_DB:
    # Gone with the rows that name them, and never among the files of a real installation.
    MEDIA_ROOT = str(Path(_database["NAME"]).parent / "uploads")
# How long a list stays for a browser without an account.
UPLOAD_KEEP = timedelta(hours=24)
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
# Several files at once, each up to MAX_UPLOAD_SIZE; pasted text and decisions are ordinary form fields.
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_UPLOAD_SIZE
MAX_REQUEST_SIZE = 5 * MAX_UPLOAD_SIZE + 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
DATA_UPLOAD_MAX_NUMBER_FILES = 20


# --- Language, time, files ------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Names carry a hash of the content, so nobody needs to clear a browser's cache.
    # With DEBUG files are served as they lie.
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# --- Log ------------------------------------------------------------------------------------------

# "-" writes no file.
LOG_FILE = env.str("LOG_FILE", default="-" if WITHOUT_DB else "logs/panelmerge.log")
LOG_FILE = "" if LOG_FILE == "-" else str(BASE_DIR / LOG_FILE)
MAX_LOG_SIZE = number("MAX_LOG_SIZE", 10485760)
LOG_BACKUP_COUNT = number("LOG_BACKUP_COUNT", 5)
LOG_LEVEL = one_of("LOG_LEVEL", "INFO", logging.getLevelNamesMapping())
LOGGING = logging_to(file=LOG_FILE, size=MAX_LOG_SIZE, kept=LOG_BACKUP_COUNT, level=LOG_LEVEL, debug=DEBUG)
if LOG_FILE:
    make_folder_of("LOG_FILE", LOG_FILE)
