"""The addresses of people below /api/v1/."""

from django.urls import path

from accounts.api import people, tokens, zones

urlpatterns = [
    path("users/me/", people.MeView.as_view(), name="me"),
    path("tokens/", tokens.TokensView.as_view(), name="tokens"),
    path("tokens/<int:pk>/", tokens.TokenView.as_view(), name="token"),
    path("timezone/current/", zones.CurrentZoneView.as_view(), name="timezone-current"),
    path("timezone/detect/", zones.DetectZoneView.as_view(), name="timezone-detect"),
    path("timezone/set/", zones.SetZoneView.as_view(), name="timezone-set"),
    path("timezone/available/", zones.AvailableZonesView.as_view(), name="timezone-available"),
]
