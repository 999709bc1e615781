"""Settings of the API's packages; the environment changes none of them."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["panelmerge.lib.api.ORJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["panelmerge.lib.api.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "panelmerge.lib.api.Pages",
    "DEFAULT_SCHEMA_CLASS": "panelmerge.lib.describing.ProblemSchema",
    "EXCEPTION_HANDLER": "panelmerge.api.problem_handler",
    "PAGE_SIZE": 25,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "PanelMerge",
    "DESCRIPTION": "Search gene panels, merge them with your own lists, and download the result.",
    "VERSION": "v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # Fields of one name that take different words, and of different names that take the same.
    "ENUM_NAME_OVERRIDES": {
        "ZoneSourceEnum": ["preference", "session", "browser", "default"],
        "SourceEnum": [("uk", "PanelApp UK"), ("aus", "PanelApp Australia")],
        "ConfidenceEnum": ["green", "amber", "red", "none"],
        "ResolutionEnum": ["ask", "highest", "lowest", "majority", "priority"],
        "PanelStatusEnum": ["ACTIVE", "ARCHIVED", "DELETED", "DRAFT"],
        "WritableStatusEnum": ["ACTIVE", "ARCHIVED", "DRAFT"],
        "PermissionLevelEnum": ["VIEW", "COMMENT", "EDIT", "ADMIN"],
    },
}
