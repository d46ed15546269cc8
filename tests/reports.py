"""Reading a report as a person or a program would: its headings, numbers, tables and plots."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any


@dataclass
class Report:
    """What stands in a report."""

    figures: dict[str, str] = field(default_factory=dict)
    findings: list[tuple[str, str]] = field(default_factory=list)
    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    """Rows by caption, the headings not among them."""
    plots: list[dict[str, Any]] = field(default_factory=list)
    limits: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    """All that the page refers to."""
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.report = Report()
        self._pieces: list[str] = []
        self._rows: list[list[str]] = []
        self._caption = self._label = self._section = ""
        self._said: list[str] = []
        self._in_data = self._in_code = self._in_bar = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = dict(attrs)
        self.report.addresses += [facts[name] or "" for name in ("src", "href", "action") if name in facts]
        if tag == "section":
            self._section = facts.get("aria-labelledby") or ""
        elif tag == "script":
            self._in_data = facts.get("type") == "application/json"
            self._in_code = not self._in_data
        elif tag == "style":
            self._in_code = True
        elif tag in ("table", "tbody"):
            self._rows = []
        elif tag == "tr":
            self._rows.append([])
        self._in_bar = facts.get("class") == "bar" or (tag == "i" and self._in_bar)
        if tag not in ("strong", "span", "i"):
            self._pieces = []

    def handle_data(self, data: str) -> None:
        if self._in_code:
            return
        self._pieces.append(data)
        if not self._in_data:
            self.report.text += data

    def handle_endtag(self, tag: str) -> None:
        text = " ".join("".join(self._pieces).split())
        if tag == "dt":
            self._label = text
        elif tag == "dd":
            self.report.figures[self._label] = text
        elif tag == "caption":
            self._caption = text
        elif tag in ("th", "td") and not self._in_bar:
            self._rows[-1].append(text)
        elif tag == "tbody":
            self.report.tables[self._caption] = self._rows
        elif tag == "p" and self._section == "findings":
            self._said.append(text)
        elif tag == "li" and self._section == "findings":
            said, why = self._said
            self.report.findings.append((said, why))
            self._said = []
        elif tag == "li" and self._section == "limits":
            self.report.limits.append(text)
        elif tag == "script" and self._in_data:
            self.report.plots.append(json.loads("".join(self._pieces)))
        if tag in ("script", "style"):
            self._in_data = self._in_code = False


def read(html: str) -> Report:
    """Read a report."""
    reader = _Reader()
    reader.feed(html)
    return reader.report
