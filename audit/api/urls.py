from django.urls import path

from audit.api.events import EventsView

urlpatterns = [path("audit/events/", EventsView.as_view(), name="audit-events")]
