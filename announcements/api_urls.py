"""The address of announcements below /api/v1/."""

from django.urls import path

from announcements.api import AnnouncementsView

urlpatterns = [path("announcements/", AnnouncementsView.as_view(), name="announcements")]
