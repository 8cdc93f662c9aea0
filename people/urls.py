"""Addresses of the people: invitation, profile, registry, and who may do what."""

from django.urls import path

from people import views

app_name = "people"
urlpatterns = [
    path("valkommen/<str:uid>/<str:token>/", views.activate, name="activate"),
    path("det-ar-jag/<str:token>/", views.recognise, name="recognise"),
    path("profil/", views.profile, name="profile"),
    path("profil/mejl/", views.choose_mail, name="choose_mail"),
    path("profil/logga-ut-overallt/", views.logout_everywhere, name="logout_everywhere"),
    path("register/", views.overview, name="registry"),
    path("register/<int:pk>/", views.group, name="group"),
    path("register/<int:pk>/bjud-in/<int:person>/", views.invite, name="invite"),
    path("bekrafta/<str:token>/", views.confirm, name="confirm"),
    path("register/vantar/", views.waiting, name="waiting"),
    path("register/vantar/<int:pk>/", views.settle, name="settle"),
    path("behorigheter/", views.permission_table, name="permissions"),
    path("foretradare/<int:pk>/", views.representatives, name="representatives"),
]
