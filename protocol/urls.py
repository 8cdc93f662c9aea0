"""Addresses of the protocol: read, approve, find, check."""

from django.urls import path

from protocol.views import approval, archive, freezing, reading, verification

app_name = "protocol"
urlpatterns = [
    path("", archive.archive, name="archive"),
    path("kontrollera/", verification.verify, name="verify"),
    path("<int:pk>/", reading.protocol, name="protocol"),
    path("<int:pk>/utkast.pdf", reading.draft_pdf, name="draft_pdf"),
    path("<int:pk>/protokoll.pdf", reading.pdf, name="pdf"),
    path("<int:pk>/logg/", reading.log, name="log"),
    path("<int:pk>/frys/", freezing.freeze, name="freeze"),
    path("<int:pk>/ta-tillbaka/", freezing.withdraw, name="withdraw"),
    path("<int:pk>/forsegla/", freezing.seal, name="seal"),
    path("<int:pk>/justering/", approval.approval, name="approval"),
    path("<int:pk>/skriv-under/", approval.sign, name="sign"),
    path("<int:pk>/begar-andring/", approval.request_change, name="request_change"),
    path("begaran/<int:pk>/avsla/", approval.refuse_change, name="refuse_change"),
]
