"""The document: the read from the database for few and for many paragraphs, and the PDF against the bare renderer."""

from bench import Line, medians

FEW, MANY = 17, 170


def measure() -> list[Line]:
    """The floor of the build is one trivial query; that of the PDF is WeasyPrint alone on the same HTML."""
    from meetings.models import Meeting
    from people.models import Group
    from protocol import document, exports, shown
    from protocol.pdf import html_of

    few, many = filled(FEW), filled(MANY)

    def query() -> None:
        Group.objects.first()

    floor, read_few, read_many = medians(
        query,
        lambda: document.build(Meeting.objects.whole().get(pk=few)),
        lambda: document.build(Meeting.objects.whole().get(pk=many)),
        runs=15,
    )
    sealed = Meeting.objects.filter(state="sealed").first()
    of_sealed = shown.show(sealed)
    html = html_of(of_sealed.protocol, **of_sealed.options)

    def bare() -> bytes:
        from weasyprint import HTML

        return HTML(string=html, base_url=None).write_pdf()

    alone, whole = medians(bare, lambda: exports.as_pdf(of_sealed.protocol, **of_sealed.options), runs=5)
    one_query = "× one query for one row"
    return [
        Line(f"document of {FEW} paragraphs", read_few / floor, one_query),
        Line(f"document of {MANY} paragraphs", read_many / floor, one_query),
        Line("ten times the paragraphs", read_many / read_few, f"× the document of {FEW}"),
        Line("PDF export (PDF/A-3a and PDF/UA-1, with its attachment)", whole / alone, "× WeasyPrint alone on the same HTML"),
    ]


def filled(size: int) -> int:
    """A draft with this many paragraphs, each with a text and an item."""
    from datetime import timedelta

    from meetings.actions import planning
    from meetings.models import Item, Meeting, Paragraph
    from people.models import Group, today

    group = Group.objects.get(kind="fvg")
    meeting = planning.plan(group, by=None, date=today() + timedelta(days=200 + size))
    meeting.paragraphs.all().delete()
    paragraphs = Paragraph.objects.bulk_create(
        Paragraph(meeting=meeting, position=n, slug="", heading=f"Ärende {n}", text="Chefen berättade om läget.\n\n- ett\n- två")
        for n in range(1, size + 1)
    )
    Item.objects.bulk_create(
        Item(
            paragraph=paragraph,
            position=1,
            kind="decision",
            title="Ny organisation",
            text="Två lag blir ett.",
            outcome="no_disagreement",
        )
        for paragraph in paragraphs
    )
    return Meeting.objects.get(pk=meeting.pk).pk
