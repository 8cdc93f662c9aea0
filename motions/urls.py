"""Addresses of the motions: list, draft, file, support, answer."""

from django.urls import path

from motions.views import answering, files, filing, listing, reading, writing

app_name = "motions"
urlpatterns = [
    path("", listing.motions, name="list"),
    path("statistik/", listing.statistics, name="statistics"),
    path("nytt/<int:pk>/", writing.draft, name="draft"),
    path("<int:pk>/", reading.motion, name="motion"),
    path("<int:pk>/skriv/", writing.edit, name="edit"),
    path("<int:pk>/granska/", filing.preview, name="preview"),
    path("<int:pk>/fil/", files.attach, name="attach"),
    path("<int:pk>/ta-bort-fil/", files.detach, name="detach"),
    path("<int:pk>/hamta-fil/", reading.attachment, name="attachment"),
    path("<int:pk>/lamna-in/", filing.file, name="file"),
    path("<int:pk>/slang/", writing.discard, name="discard"),
    path("<int:pk>/andra/", writing.change, name="change"),
    path("<int:pk>/andra-fil/", files.change_file, name="change_file"),
    path("<int:pk>/andra-fil/ta-bort/", files.remove_file, name="remove_file"),
    path("<int:pk>/versioner/", reading.versions, name="versions"),
    path("<int:pk>/stod/", reading.supporters, name="supporters"),
    path("<int:pk>/utse-svarande/", answering.assign, name="assign"),
    path("<int:pk>/lamna-ut-svar/", answering.release_all, name="release_all"),
    path("<int:pk>/aterkalla/", filing.withdraw, name="withdraw"),
    path("att-sats/<int:pk>/stod/", reading.support, name="support"),
    path("att-sats/<int:pk>/ta-tillbaka-stod/", reading.unsupport, name="unsupport"),
    path("att-sats/<int:pk>/svar/", answering.answer, name="answer"),
    path("svar/<int:pk>/lamna-ut/", answering.release, name="release"),
]
