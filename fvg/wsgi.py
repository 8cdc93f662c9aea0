"""What gunicorn loads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fvg.settings")
application = get_wsgi_application()

from record import storage  # noqa: E402  (Django is set up by now)

storage.demand_folder()
