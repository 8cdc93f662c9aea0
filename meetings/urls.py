"""Addresses of the room: the meeting, its agenda, the desk where it is written, who is there, and the balance list."""

from django.urls import path

from meetings.views import agenda, attendance, balance, desk, phrases, planning, promises, proposals, saving, versions, where

app_name = "meetings"
urlpatterns = [
    # the meeting
    path("", planning.meeting_list, name="list"),
    path("planera/<int:pk>/", planning.plan, name="plan"),
    path("<int:pk>/", planning.meeting, name="meeting"),
    path("<int:pk>/andra/", planning.edit, name="edit"),
    path("<int:pk>/uppdrag/", planning.appoint, name="appoint"),
    path("<int:pk>/kalla/", planning.call, name="call"),
    path("<int:pk>/stall-in/", planning.cancel, name="cancel"),
    path("<int:pk>/ta-bort/", planning.delete, name="delete"),
    path("<int:pk>/forhinder/", planning.decline, name="decline"),
    path("<int:pk>/oppna/", planning.open_draft, name="open_draft"),
    path("<int:pk>/kalender.ics", planning.calendar_file, name="calendar"),
    # the agenda and its documents
    path("<int:pk>/dagordning/", agenda.arrange, name="arrange"),
    path("paragraf/<int:pk>/flytta/", agenda.move_paragraph, name="move_paragraph"),
    path("paragraf/<int:pk>/ta-bort/", agenda.remove_paragraph, name="remove_paragraph"),
    path("paragraf/<int:pk>/ny-punkt/", agenda.add_item, name="add_item"),
    path("punkt/<int:pk>/flytta/", agenda.move_item, name="move_item"),
    path("punkt/<int:pk>/ta-bort/", agenda.remove_item, name="remove_item"),
    path("punkt/<int:pk>/andra/", agenda.edit_item, name="edit_item"),
    path("punkt/<int:pk>/bilagor/", agenda.refer, name="refer"),
    path("<int:pk>/bilagor/", agenda.append, name="append"),
    path("bilaga/<int:pk>/", agenda.appendix, name="appendix"),
    path("bilaga/<int:pk>/ta-bort/", agenda.remove_appendix, name="remove_appendix"),
    path("<int:pk>/yrkanden/", agenda.place, name="place"),
    path("<int:pk>/var/", where.where, name="where"),
    path("paragraf/<int:pk>/kopiera-amnen/", agenda.copy_topics, name="copy_topics"),
    # what others want on the agenda
    path("<int:pk>/forslag/", proposals.propose, name="propose"),
    path("forslag/<int:pk>/placera/", proposals.place_proposal, name="place_proposal"),
    path("forslag/<int:pk>/lamna-tillbaka/", proposals.return_proposal, name="return_proposal"),
    path("forslag/<int:pk>/ta-tillbaka/", proposals.withdraw_proposal, name="withdraw_proposal"),
    path("forslag/<int:pk>/fil/", proposals.proposal_file, name="proposal_file"),
    # the desk
    path("<int:pk>/skriv/", desk.desk, name="desk"),
    path("paragraf/<int:pk>/skriv/", desk.write, name="write"),
    path("paragraf/<int:pk>/spara/", saving.save, name="save"),
    path("punkt/<int:pk>/spara/", saving.save_item, name="save_item"),
    path("paragraf/<int:pk>/klar/", saving.done, name="done"),
    path("paragraf/<int:pk>/inga-synpunkter/", saving.no_comments, name="no_comments"),
    path("<int:pk>/vid-bordet/", desk.here, name="here"),
    path("paragraf/<int:pk>/text/", desk.text, name="text"),
    path("paragraf/<int:pk>/ny-rubrik/", desk.new_item, name="new_item"),
    path("paragraf/<int:pk>/versioner/", versions.versions, name="versions"),
    path("paragraf/<int:pk>/atagande/", promises.promise, name="promise"),
    path("paragraf/<int:pk>/atagande/ta-tillbaka/", promises.unpromise, name="unpromise"),
    path("paragraf/<int:pk>/atagande/inget/", promises.no_promise, name="no_promise"),
    # who is there, and what follows from it
    path("<int:pk>/narvaro/", attendance.attendance, name="attendance"),
    path("narvaro/<int:pk>/", attendance.attend, name="attend"),
    path("narvaro/<int:pk>/handelse/", attendance.move, name="move"),
    path("narvaro/<int:pk>/under/", attendance.present_under, name="present_under"),
    path("narvaro/<int:pk>/avbrott/", attendance.interrupt, name="interrupt"),
    path("<int:pk>/adjungera/", attendance.join, name="join"),
    path("<int:pk>/justerare/", attendance.elect, name="elect"),
    path("<int:pk>/personalforetradare/", attendance.personnel, name="personnel"),
    path("<int:pk>/nasta/", attendance.next_meeting, name="next"),
    # the balance list
    path("balanslista/", balance.balance, name="balance"),
    path("balanslista/grupp/<int:pk>/", balance.group_balance, name="group_balance"),
    path("balanslista/fil/", balance.export_balance, name="export_balance"),
    path("balanslista/grupp/<int:pk>/fil/", balance.export_group_balance, name="export_group_balance"),
    path("balanslista/grupp/<int:pk>/ny/", balance.open_item, name="open_item"),
    path("balanslista/<int:pk>/", balance.balance_item, name="balance_item"),
    path("balanslista/<int:pk>/anteckna/", balance.note, name="note"),
    path("balanslista/<int:pk>/skicka/", balance.refer_balance, name="refer_balance"),
    path("balanslista/<int:pk>/rapportera/", balance.report, name="report"),
    # the phrases behind / at the desk
    path("grupp/<int:pk>/fraser/", phrases.phrases, name="phrases"),
]
