"""Addresses of the protocol: read, approve, find, check."""

from django.urls import path

from protocol.views import approval, archive, board, drawing, freezing, reading, verification

app_name = "protocol"
urlpatterns = [
    path("protokoll/", archive.archive, name="archive"),
    path("verifiera/", verification.verify, name="verify"),
    path("protokoll/<int:pk>/", reading.protocol, name="protocol"),
    path("protokoll/<int:pk>/utkast.pdf", reading.draft_pdf, name="draft_pdf"),
    path("protokoll/<int:pk>/protokoll.pdf", reading.pdf, name="pdf"),
    path("protokoll/pdf/<int:pk>/", drawing.drawing, name="drawing"),
    path("protokoll/pdf/<int:pk>/fil.pdf", drawing.drawn, name="drawn"),
    path("protokoll/<int:pk>/logg/", reading.log, name="log"),
    path("protokoll/<int:pk>/anmalan.txt", board.line, name="line"),
    path("protokoll/<int:pk>/till-namnden.pdf", board.export_to_board, name="export_to_board"),
    path("protokoll/arende/<int:pk>/till-namnden.pdf", board.export_matter_to_board, name="export_matter_to_board"),
    path("protokoll/<int:pk>/frys/", freezing.freeze, name="freeze"),
    path("protokoll/<int:pk>/ta-tillbaka/", approval.withdraw, name="withdraw"),
    path("protokoll/<int:pk>/forsegla/", freezing.seal, name="seal"),
    path("protokoll/<int:pk>/lagg-tillbaka-fil/", freezing.restore_file, name="restore_file"),
    path("protokoll/<int:pk>/justering/", approval.approval, name="approval"),
    path("protokoll/<int:pk>/skriv-under/", approval.sign, name="sign"),
    path("protokoll/<int:pk>/begar-andring/", approval.request_change, name="request_change"),
    path("protokoll/begaran/<int:pk>/avsla/", approval.refuse_change, name="refuse_change"),
]
