"""The site's table of contents."""

from django.contrib import admin
from django.urls import include, path

from fvg import views

urlpatterns = [
    path("", views.home, name="home"),
    path("hjalp/", views.help_page, name="help"),
    path("hjalp/<slug:role>/", views.help_page, name="help_role"),
    path("tillganglighet/", views.accessibility, name="accessibility"),
    path("trygghet/", views.trust, name="trust"),
    path("halsa/", views.health, name="health"),
    path("brev/", views.demo_mail, name="demo_mail"),
    path("", include("people.account_urls")),
    path("admin/", admin.site.urls),
    path("", include("people.urls")),
    path("moten/", include("meetings.urls")),
    path("yrkanden/", include("motions.urls")),
    path("", include("protocol.urls")),
]

handler400 = "fvg.views.bad_request"
handler500 = "fvg.views.server_error"
