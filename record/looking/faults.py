"""Why a file is not taken, and what in a file name or its first bytes says that it is a program."""

# Files inside other files: those one knows to be no programs. Anything else may be one.
HARMLESS = {
    *("pdf", "xml", "json", "txt", "csv", "md", "png", "jpg", "jpeg", "gif", "tif", "tiff", "bmp", "webp"),
    *("docx", "xlsx", "pptx", "odt", "ods", "ics", "eml", "xsd", "rdf", "icc", "asc", "sig", "p7s"),
}
LOOKED_INTO = {"pdf", "docx", "xlsx", "pptx", "odt", "ods"}  # what can carry more than it shows
PROGRAM_STARTS = (
    b"MZ",
    b"\x7fELF",
    b"#!",
    b"\xca\xfe\xba\xbe",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"\xd0\xcf\x11\xe0",
    b"L\0\0\0\x01\x14\x02",
)
PROGRAM_ENDINGS = {
    *(
        "exe",
        "dll",
        "com",
        "scr",
        "pif",
        "msi",
        "msp",
        "cpl",
        "sys",
        "bat",
        "cmd",
        "ps1",
        "psm1",
        "vbs",
        "vbe",
        "js",
        "jse",
        "mjs",
    ),
    *(
        "wsf",
        "wsh",
        "wsc",
        "sct",
        "hta",
        "lnk",
        "url",
        "jar",
        "class",
        "py",
        "pyc",
        "sh",
        "app",
        "apk",
        "reg",
        "inf",
        "swf",
        "chm",
    ),
    *("html", "htm", "mht", "mhtml", "iso", "vhd", "docm", "dotm", "xlsm", "xlsb", "xltm", "xlam", "pptm", "potm"),
}


class Fault(Exception):
    """Says in Swedish why the file is not taken, and what to do instead."""


def ending_of(name: str) -> str:
    """The ending of a file's name, small, as Windows would read it."""
    return name.rstrip(". \0").rpartition(".")[2].lower()


def is_program(name: str, content: bytes) -> bool:
    """Whether a file inside another one is, or may be, something that runs."""
    return ending_of(name) not in HARMLESS or content.startswith(PROGRAM_STARTS)
