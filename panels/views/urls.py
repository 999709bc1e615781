"""The pages of the workbench, the catalogue and the genes."""

app_name = "panels"
urlpatterns = []
