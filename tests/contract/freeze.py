"""`python -m tests.contract.freeze`: writes the frozen schemas and the AsyncAPI document anew. Review what changed before committing it."""

from pathlib import Path

from tests.contract import freezing, system_document


def main() -> None:
    """Write every file that differs, and say which."""
    wanted = {freezing.SCHEMAS / f"{stem}.json": freezing.written(schema) for stem, schema in freezing.generated().items()}
    wanted[system_document.PATH] = system_document.written(system_document.generated())
    for path in sorted(set(freezing.SCHEMAS.glob("*.json")) - set(wanted)):
        print(f"no longer published: {path.name}; delete it once nobody reads it")
    for path, text in wanted.items():
        _write(path, text)


def _write(path: Path, text: str) -> None:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    print(f"{'changed' if path.exists() else 'new'}: {path.name}")
    path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
