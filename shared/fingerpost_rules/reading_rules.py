"""Reads a rule-set file. What it names is checked against the facts and the directory; every fault is noted with its line."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from fingerpost_rules.facts import Facts
from fingerpost_rules.names import Names
from fingerpost_rules.nearest import hint, shown
from fingerpost_rules.proofs.sentences import unmet_sentences
from fingerpost_rules.reading import ErrorBook, Place, open_file
from fingerpost_rules.reading_rows import RowReader, Written, read_limit
from fingerpost_rules.rows import Limit, Rule, Sentence
from fingerpost_rules.rule_set import RuleSet
from fingerpost_rules.source import Items, Node, Table, Text, read_tree

_OPTIONAL = ("lead_order", "tags", "must_hold")
_REQUIRED = ("ruleset", "title", "facts_version", "effective_from", "bands", "unrouted", "rules")


def read_rule_set(path: Path | str, facts: Facts, directory: Names | None) -> RuleSet:
    """The rule set at `path`. Raises `Unreadable` with everything that is wrong with it.

    Without a directory, destinations and agencies are taken as they are written.
    """
    book = ErrorBook(str(path))
    top = open_file(book, read_tree(path))
    keys = top.keys((*_REQUIRED, *_OPTIONAL), required=_REQUIRED)
    read = _read_top(top, keys, facts, directory)
    book.settle()
    for sentence in unmet_sentences(read):
        book.note(sentence.line, f"{sentence.id}: no possible referral meets its 'when', so it would say nothing. Mend it or take it out.")
    book.settle()
    return read


def _read_top(top: Place, keys: Written, facts: Facts, directory: Names | None) -> RuleSet:
    bands = _bands(top, keys)
    tags = tuple(word.value for word in top.words(*keys["tags"])) if "tags" in keys else ()
    rows = RowReader(facts, directory, tuple(bands), tags)
    _check_facts_version(top, keys, facts)
    unrouted_lead, unrouted_band = _unrouted(top, keys, rows)
    return RuleSet(
        file=top.book.file,
        version=(top.number(*keys["ruleset"], least=1) if "ruleset" in keys else None) or 0,
        title=(top.text(*keys["title"]) if "title" in keys else None) or "",
        facts=facts,
        names=directory,
        effective_from=_effective_from(top, keys),
        bands=bands,
        lead_order=_lead_order(top, keys, rows),
        unrouted_lead=unrouted_lead,
        unrouted_band=unrouted_band,
        tags=tags,
        rules=_rules(top, keys, rows),
        must_hold=_sentences(top, keys, rows),
    )


def _check_facts_version(top: Place, keys: Written, facts: Facts) -> None:
    if "facts_version" in keys:
        version = top.number(*keys["facts_version"], least=1)
        if version not in (None, facts.version):
            line = keys["facts_version"][1].line
            top.error(line, f"'facts_version' is {version}, but the facts file has version {facts.version}. Look the rules through for it.")


def _effective_from(top: Place, keys: Written) -> date:
    text = top.text(*keys["effective_from"]) if "effective_from" in keys else None
    try:
        return date.fromisoformat(text) if text and len(text) == 10 else _no_date(top, keys, text)
    except ValueError:
        return _no_date(top, keys, text)


def _no_date(top: Place, keys: Written, text: str | None) -> date:
    if text is not None:
        top.error(keys["effective_from"][1].line, f"'effective_from' is {shown(text)}, which is no date. Write e.g. 2025-04-01.")
    return date.min


def _bands(top: Place, keys: Written) -> dict[str, Limit]:
    place = top.within(*keys["bands"], name="bands") if "bands" in keys else None
    bands: dict[str, Limit] = {}
    for key, node in place.entries() if place else ():
        limit = read_limit(place or top, key, node)
        longest = max((earlier.hours for earlier in bands.values()), default=0)
        if limit is not None and limit.hours <= longest:
            top.error(key.line, f"band '{key.value}' is {limit}, no longer than the band before it. Bands grow, the most urgent first.")
        bands[key.value] = limit or Limit(longest + 1, "h")
    if place is not None and not bands:
        top.error(place.table.line, "'bands' names none. Write e.g. bands: {P1: 24h, P2: 72h}.")
    return bands


def _lead_order(top: Place, keys: Written, rows: RowReader) -> tuple[str, ...]:
    words = top.words(*keys["lead_order"]) if "lead_order" in keys else ()
    return tuple(word.value for word in words if rows.may_own(top, word))


def _unrouted(top: Place, keys: Written, rows: RowReader) -> tuple[str, str]:
    place = top.within(*keys["unrouted"], name="unrouted") if "unrouted" in keys else None
    if place is None:
        return "", ""
    given = place.keys(("lead", "band"), required=("lead", "band"))
    lead = rows.owner(place, *given["lead"]) if "lead" in given else None
    band = place.one_of(*given["band"], known=rows.bands) if "band" in given else None
    return lead or "", band or ""


def _rules(top: Place, keys: Written, rows: RowReader) -> tuple[Rule, ...]:
    tables = top.tables(*keys["rules"]) if "rules" in keys else ()
    rules = [rows.rule(Place(top.book, "rule", table), number) for number, table in enumerate(tables, start=1)]
    _check_ids(top, tables)
    _OverrideCheck(top, rules, tables).run()
    return tuple(rules)


def _sentences(top: Place, keys: Written, rows: RowReader) -> tuple[Sentence, ...]:
    tables = top.tables(*keys["must_hold"]) if "must_hold" in keys else ()
    sentences = [rows.sentence(Place(top.book, "must_hold", table), number) for number, table in enumerate(tables, start=1)]
    _check_ids(top, tables)
    return tuple(sentences)


def _check_ids(top: Place, tables: Iterable[Table]) -> None:
    first_line: dict[str, int] = {}
    for table in tables:
        written = table.get("id")
        if not isinstance(written, Text) or not written.value:
            continue
        if written.value in first_line:
            top.error(
                written.line,
                f"the id {shown(written.value)} is written twice, first on line {first_line[written.value]}. Give each its own.",
            )
        first_line.setdefault(written.value, written.line)


@dataclass(frozen=True)
class _OverrideCheck:
    """Overrides must exist, join two rules that name a lead, and never go round in a circle."""

    top: Place
    rules: list[Rule]
    tables: tuple[Table, ...]

    def run(self) -> None:
        by_id = {rule.id: rule for rule in self.rules if rule.id}
        edges: dict[str, dict[str, int]] = {}
        for rule, table in zip(self.rules, self.tables, strict=True):
            for word in _override_words(table.get("overrides")):
                if self._joins_two_leads(rule, table, word, by_id):
                    edges.setdefault(rule.id, {})[word.value] = word.line
        self._report_circles(edges)

    def _joins_two_leads(self, rule: Rule, table: Table, word: Text, by_id: dict[str, Rule]) -> bool:
        if word.value not in by_id:
            self.top.error(word.line, f"{rule.id}: overrides {shown(word.value)}, which is no rule.{hint(word.value, by_id)}")
            return False
        other = next(other for other in self.tables if _id_of(other) == word.value)
        for named, checked in ((rule.id, table), (word.value, other)):
            if not _names_a_lead(checked):
                self.top.error(
                    word.line,
                    f"{rule.id}: overrides {word.value}, but {named} names no lead. Overriding takes a lead away, so both must name one.",
                )
                return False
        return True

    def _report_circles(self, edges: dict[str, dict[str, int]]) -> None:
        while True:
            try:
                TopologicalSorter(edges).prepare()
            except CycleError as error:
                circle: list[str] = error.args[1][::-1]
                line = edges[circle[0]].pop(circle[1])
                self.top.error(line, f"overrides go round in a circle: {' overrides '.join(circle)}. Take one of them out.")
            else:
                return


def _override_words(node: Node | None) -> list[Text]:
    return [item for item in node.items if isinstance(item, Text) and item.value] if isinstance(node, Items) else []


def _id_of(table: Table) -> str:
    written = table.get("id")
    return written.value if isinstance(written, Text) else ""


def _names_a_lead(table: Table) -> bool:
    then = table.get("then")
    return isinstance(then, Table) and then.get("lead") is not None
