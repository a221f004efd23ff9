"""Reads a page as a person would: its words, its links, its forms."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

_UNSEEN = frozenset({"script", "style", "title", "hidden"})
_VOID = frozenset({"input", "meta", "link", "img", "br"})


@dataclass
class Form:
    """A form and what it would send."""

    action: str
    fields: dict[str, str] = field(default_factory=dict[str, str])


class Reading(HTMLParser):
    """A page that was read. `words` is what it says, blanks collapsed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.title = ""
        self.links: dict[str, str] = {}
        self.forms: list[Form] = []
        self.ids: list[str] = []
        self._open: list[str] = []
        self._pieces: list[str] = []
        self._href = ""
        self.feed(html)
        self.words = re.sub(r"\s+", " ", " ".join(self._pieces)).strip()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        if "id" in known:
            self.ids.append(known["id"])
        if tag == "form":
            self.forms.append(Form(known.get("action", "")))
        if tag == "input" and self.forms and known.get("type") == "hidden":
            self.forms[-1].fields[known["name"]] = known["value"]
        if tag == "a":
            self._href = known.get("href", "")
            self.links.setdefault(self._href, "")
        if tag not in _VOID:
            self._open.append("hidden" if known.get("aria-hidden") == "true" else tag)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() not in (tag, "hidden"):
            pass

    def handle_data(self, data: str) -> None:
        if "title" in self._open:
            self.title += data
        if not _UNSEEN.isdisjoint(self._open):
            return
        self._pieces.append(data)
        if "a" in self._open:
            self.links[self._href] = " ".join(f"{self.links[self._href]} {data}".split())

    def form(self, action_ends: str) -> Form:
        """The form whose action ends so."""
        return next(form for form in self.forms if form.action.endswith(action_ends))
