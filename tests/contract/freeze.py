"""`python -m tests.contract.freeze`: writes the frozen schemas and the AsyncAPI document anew. Review what changed before committing it."""

import json
import sys
from pathlib import Path

from tests.contract import freezing, system_document
from tests.contract.breaking import breaks

HOW_TO_BREAK = "Make a v2 beside v1; or, if v1 was never released to anybody, delete its file and freeze again."


def main() -> int:
    """Write every file that differs, and say which. Refuses a schema that breaks what was promised."""
    refused = 0
    for stem, schema in freezing.generated().items():
        path = freezing.SCHEMAS / f"{stem}.json"
        broken = list(breaks(json.loads(path.read_text(encoding="utf-8")), schema)) if path.exists() else []
        if broken:
            print(f"refused: {path.name} would break who reads it:", *sorted(broken), HOW_TO_BREAK, sep="\n  ")
            refused += 1
        else:
            _write(path, freezing.written(schema))
    _write(system_document.PATH, system_document.written(system_document.generated()))
    return refused


def _write(path: Path, text: str) -> None:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    print(f"{'changed' if path.exists() else 'new'}: {path.name}")
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
