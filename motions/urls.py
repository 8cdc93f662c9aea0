"""Addresses of the motions: list, draft, file, support, answer."""

from django.urls import path

from motions import views

app_name = "motions"
urlpatterns = [
    path("", views.motions, name="list"),
    path("nytt/<int:pk>/", views.draft, name="draft"),
    path("<int:pk>/", views.motion, name="motion"),
    path("<int:pk>/skriv/", views.edit, name="edit"),
    path("<int:pk>/granska/", views.preview, name="preview"),
    path("<int:pk>/fil/", views.attach, name="attach"),
    path("<int:pk>/ta-bort-fil/", views.detach, name="detach"),
    path("<int:pk>/hamta-fil/", views.attachment, name="attachment"),
    path("<int:pk>/lamna-in/", views.file, name="file"),
    path("<int:pk>/slang/", views.discard, name="discard"),
    path("<int:pk>/andra/", views.change, name="change"),
    path("<int:pk>/versioner/", views.versions, name="versions"),
    path("<int:pk>/stod/", views.supporters, name="supporters"),
    path("<int:pk>/utse-svarande/", views.assign, name="assign"),
    path("<int:pk>/aterkalla/", views.withdraw, name="withdraw"),
    path("att-sats/<int:pk>/stod/", views.support, name="support"),
    path("att-sats/<int:pk>/ta-tillbaka-stod/", views.unsupport, name="unsupport"),
    path("att-sats/<int:pk>/svar/", views.answer, name="answer"),
    path("svar/<int:pk>/lamna-ut/", views.release, name="release"),
]
