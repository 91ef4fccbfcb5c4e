"""What does a piece of text say, whatever hand or keyboard wrote it?

`tidy` is the text as a person would read it, `code_text` that of a number or code, `key` the text reduced to what a
comparison may rely on.
"""

import re
import unicodedata

from anyascii import anyascii

_APOSTROPHES = re.compile(r"['’‘`´ʼʻʹ]")
_NOT_COMPARABLE = re.compile(r"[^a-z0-9]+")
_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Cn")  # controls, direction overrides, zero width, surrogates, unassigned


def tidy(text: str | None) -> str | None:
    """The text in NFC with single spaces and nothing invisible; None where nothing is left."""
    if text is None:
        return None
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFC", text)
        text = "".join(
            " " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in _INVISIBLE
        )
    return " ".join(text.split()) or None


def code_text(text: str | None) -> str | None:
    """`tidy` for numbers and codes: wide letters and the digits of every script as those of ASCII."""
    written = tidy(text)
    if written is None or written.isascii():
        return written
    wide = unicodedata.normalize("NFKC", written)
    return "".join(str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in wide)


def key(text: str | None) -> str | None:
    """Lower-case ASCII words: scripts transliterated, apostrophes dropped, hyphens and other signs single spaces."""
    if not text:
        return None
    plain = text if text.isascii() else anyascii(_APOSTROPHES.sub("", text))
    return _NOT_COMPARABLE.sub(" ", _APOSTROPHES.sub("", plain).lower()).strip() or None
