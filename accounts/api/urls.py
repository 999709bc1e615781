from django.urls import path

from accounts.api.tokens import TokensView, TokenView

urlpatterns = [
    path("tokens/", TokensView.as_view(), name="tokens"),
    path("tokens/<int:pk>/", TokenView.as_view(), name="token"),
]
