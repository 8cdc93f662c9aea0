"""How it goes with what runs by itself, for the administrator's start page."""

from django import template

from fvg import watching

register = template.Library()


@register.simple_tag
def watched() -> list[watching.Part]:
    """Every part as it is now."""
    return watching.parts()
