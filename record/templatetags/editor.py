"""What a page with rich text fields loads: the editor out of its package, and our script that replaces the textareas with it."""

from django import template
from django.forms import Media as PlainMedia
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from js_asset import ImportMap, Media

register = template.Library()

# Modules that are imported by name: their addresses carry a hash of their content.
OWN = (
    "autosave", "editor", "lines", "page", "paste",
    "autosave/answers", "autosave/conflict", "autosave/draft", "autosave/form", "autosave/kept",
    "autosave/notices", "autosave/states", "autosave/status", "autosave/text", "autosave/words",
    "desk/done", "desk/finding", "desk/fresh", "desk/items", "desk/keys", "desk/opening", "desk/presence",
    "desk/reporting", "desk/search", "desk/sending", "desk/sheets", "desk/shortcuts",
    "lines/statement",
    "paste/characters", "paste/elements", "paste/lists", "paste/plain",
    "phrases/choices",
    "promise/sentence",
    "strip/finding", "strip/people", "strip/queue", "strip/sending",
)  # fmt: skip
IMPORT_MAP = ImportMap(
    {"django-prose-editor/editor": "django_prose_editor/editor.js"} | {f"fvg/{name}": f"js/{name}.js" for name in OWN}
)


@register.simple_tag(takes_context=True)
def editor_media(context: template.Context) -> SafeString:
    """The import map (with the page's nonce) and the module; without them, or without scripts, the textarea does the work."""
    nonce = str(context.get("csp_nonce", ""))  # made when it is first read; it is false until then
    return format_html(
        '{}\n<link rel="stylesheet" href="{}">\n<script type="module" src="{}"></script>',
        Media.from_media(PlainMedia() + Media(importmap=IMPORT_MAP), nonce=nonce).render(),
        static("css/editor.css"),
        static("js/editor.js"),
    )
