"""A table as a file for a spreadsheet. No cell is ever a formula, whatever somebody has written in it."""

import csv
from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO, StringIO

# A spreadsheet takes a cell that begins with one of these for a formula (or, after a tab or a line break, may come to do so).
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
Cell = str | int | date | None


def harmless(cell: Cell) -> Cell:
    """The same cell; words that could be read as a formula get an apostrophe before them."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(DANGEROUS) else cell


def as_csv(rows: Iterable[Sequence[Cell]]) -> bytes:
    """Semicolons and a byte order mark, as Excel in Swedish wants it; days as 2026-04-16."""
    file = StringIO(newline="")
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    for row in rows:
        writer.writerow(["" if cell is None else harmless(cell) for cell in row])
    return file.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Iterable[Sequence[Cell]], *, title: str) -> bytes:
    """A workbook of one sheet, its first row the headings. Words are stored as words, days as days."""
    from openpyxl import Workbook  # slow to load, and few ask for it
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for at, row in enumerate(rows):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=harmless(value))
            if isinstance(value, str):
                cell.data_type = "s"
            if at == 0:
                cell.font = Font(bold=True)
            cells.append(cell)
        sheet.append(cells)
    file = BytesIO()
    book.save(file)
    return file.getvalue()
