"""All settings, from the environment only (see fvg/environment.py and docs/operations.md)."""

import os
import sys
from pathlib import Path

from csp.constants import NONCE, NONE, SELF

from fvg import environment

BASE_DIR = Path(__file__).resolve().parent.parent
TESTING = "test" in sys.argv[1:2]

DEBUG = environment.flag("DEBUG")
DEMO = environment.flag("DEMO")
SECRET_KEY = environment.text("SECRET_KEY")
ALLOWED_HOSTS = environment.names("ALLOWED_HOSTS")
SITE_URL = environment.address("SITE_URL")
DATABASES = {"default": environment.database("DATABASE_URL")}
# Migrations run as the owner of the tables; the app runs as a role that may not alter them.
if os.environ.get("OWNER_DATABASE_URL") and sys.argv[1:2] in (["migrate"], ["createcachetable"]):
    DATABASES["default"] = environment.database("OWNER_DATABASE_URL")
if TESTING and DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: threads and the live server must meet the same locks as in production.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(DATABASES["default"]["NAME"]).with_suffix(".test.sqlite3"))}
MEDIA_ROOT = environment.folder("MEDIA_ROOT")
if DEMO:  # elsewhere it has to be there (record/storage.py)
    MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
MEDIA_URL = ""  # uploaded files are only ever served by views that ask for the right to see them

INSTALLED_APPS = [
    "record",
    "people",
    "motions",
    "meetings",
    "protocol",
    "fvg",
    "people.admin_site.Config",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "simple_history",
    "csp",
    "django_htmx",
    "django_prose_editor",
    "django_tasks",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]

MIDDLEWARE = [
    "record.tracing.Traced",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "people.middleware.LoginRequired",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "fvg.middleware.ButtonsOnly",
    "people.middleware.Refusals",
    "protocol.middleware.AlteredTexts",
]

ROOT_URLCONF = "fvg.urls"
WSGI_APPLICATION = "fvg.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
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
                "people.context.page",
            ],
        },
    },
    {
        "NAME": "mail",  # letters are plain text: & stays &. No page can be made with this one.
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates" / "mail"],
        "OPTIONS": {"autoescape": False},
    },
]

# Accounts
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["people.hashing.InTurn"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "people.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CHANGE_EMAIL = False
ACCOUNT_MAX_EMAIL_ADDRESSES = 5
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_FORMS = {
    "reauthenticate": "people.forms.ProveForm",
    "change_password": "people.forms.NewPasswordForm",
    "reset_password": "people.forms.ForgottenForm",
}
ACCOUNT_EMAIL_NOTIFICATIONS = False  # people/proof.py tells of every change, to every address
ACCOUNT_SESSION_REMEMBER = False
PASSWORD_RESET_TIMEOUT = 4 * 60 * 60
# Behind a proxy the address of the visitor is the one the proxy tells; else all would share one limit.
ALLAUTH_TRUSTED_PROXY_COUNT = environment.count("TRUSTED_PROXIES", 0)
# The key of login_failed is log-in and address together, so that whoever guesses keeps out nobody but themself; that of
# guessed_at is the log-in, wherever the guesses come from: past it the password alone opens nothing (people/accounts.py).
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",  # a whole town hall may have one address
    "login_failed": "100/m/ip,5/5m/key",
    "guessed_at": "20/h/key",
    "reauthenticate": "10/m/user",
    "reset_password": "20/m/ip,5/m/key",
}
# Another way in for the owner of a log-in that is being guessed at than the link that is mailed then (people/recognising.py).
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "FVG"
USERSESSIONS_TRACK_ACTIVITY = False

# For so long nobody signs who has changed how they prove who they are.
SIGNING_PAUSE_HOURS = environment.count("SIGNING_PAUSE_HOURS", 24)

# Sessions end after an hour of silence and, at the latest, after twelve hours.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_SAMESITE = "Lax"

# Only tries at passwords and codes are kept there. Past so many rows those whose time is out go, at each write, and no others
# (the share of one in a thousand millions is none): else whoever makes many tries would push out the counters of all.
COUNTERS = {
    "BACKEND": "django.core.cache.backends.db.DatabaseCache",
    "LOCATION": "fvg_cache",
    "OPTIONS": {"MAX_ENTRIES": 300, "CULL_FREQUENCY": 10**9},
}
CACHES = {"default": COUNTERS}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# Language and time
LANGUAGE_CODE = "sv"
TIME_ZONE = "Europe/Stockholm"
USE_TZ = True
USE_I18N = True

# Files
STATIC_URL = "/static/"
STATIC_ROOT = environment.folder("STATIC_ROOT", BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000
APPENDIX_MAX_BYTES = 25 * 1024 * 1024

# Mail
globals().update(environment.mail("EMAIL_URL", f"file://{MEDIA_ROOT}/mail" if DEMO or TESTING else None))
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", "FVG <noreply@fvg.example>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# History
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True
SIMPLE_HISTORY_REVERT_DISABLED = True
# On SQLite the order of paragraphs, items and claims is kept by the row lock alone; PostgreSQL has the deferred constraint too.
SILENCED_SYSTEM_CHECKS = ["models.W038"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Web
SECURE_SSL_REDIRECT = SITE_URL.startswith("https:")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT
SESSION_COOKIE_NAME = "__Host-session" if SECURE_SSL_REDIRECT else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE_SSL_REDIRECT else "csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "fvg.views.csrf_failure"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if SECURE_SSL_REDIRECT else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_SSL_REDIRECT
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# The one style hash is the sheet that the editor (django-prose-editor 0.28.0, Tiptap) adds to the page by itself.
EDITOR_STYLE_HASH = "'sha256-PlumsSlvJ7vvWzjqibGAYKq92O3y/4JTxWWsWJvyUYA='"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, EDITOR_STYLE_HASH],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "record.tracing.Line", "format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"}
    },
    "filters": {"request": {"()": "record.tracing.WithRequest"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["request"]}},
    "root": {"handlers": ["console"], "level": "WARNING" if TESTING else "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "ERROR"},
        "pikepdf": {"level": "WARNING"},
    },
}

if TESTING:
    # A pool keeps connections across tests that each believe they have their own; the tests that start a real server have it.
    DATABASES["default"].get("OPTIONS", {}).pop("pool", None)
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    WHITENOISE_AUTOREFRESH = True
    TEST_RUNNER = "tests.runner.Runner"
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}, "as in production": COUNTERS}
    TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
