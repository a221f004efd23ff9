"""Brings the front-end files into `fingerpost_console/static/vendor/` by `npm pack` at pinned versions, and records their sha256.

Run `python services/console/vendor.py` after changing a version, then read the diff. `--check` compares what is there with the record
and needs no network. Outside gov.uk neither the GDS Transport fonts nor the crown may be used, so both are taken out.
"""

import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).parent / "fingerpost_console" / "static" / "vendor"
RECORD = STATIC / "vendor.json"
FONT_STACK = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",arial,sans-serif'

MIT_NOTICE = """\
govuk-frontend {version}, https://github.com/alphagov/govuk-frontend. Fonts and crown are not included.

The MIT License (MIT)

Copyright (C) 2017 Crown Copyright (Government Digital Service)

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to
the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR
ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def without_fonts_and_crown(css: str) -> str:
    """The stylesheet with no `@font-face`, no GDS Transport and no address of an image."""
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = css.replace("GDS Transport,arial,sans-serif", FONT_STACK)
    return without_source_map(re.sub(r"url\(/assets/[^)]*\)", "none", css))


def without_source_map(text: str) -> str:
    """The file without the link to a source map that is not there."""
    return re.sub(r"\s*(//# sourceMappingURL=\S+|/\*# sourceMappingURL=\S+ \*/)\s*$", "\n", text)


@dataclass(frozen=True)
class Taken:
    """One file of a package, what it is called here, and what is changed in it."""

    source: str
    name: str
    change: Callable[[str], str]


PINS: dict[str, tuple[str, tuple[Taken, ...]]] = {
    "govuk-frontend": (
        "6.6.0",
        (
            Taken("package/dist/govuk/govuk-frontend.min.css", "govuk-frontend.css", without_fonts_and_crown),
            Taken("package/dist/govuk/govuk-frontend.min.js", "govuk-frontend.js", without_source_map),
        ),
    ),
    "htmx.org": (
        "4.0.1",
        (
            Taken("package/dist/htmx.min.js", "htmx.js", without_source_map),
            Taken("package/LICENSE", "htmx.LICENSE.txt", str),
        ),
    ),
}


def main() -> int:
    """Vendor anew, or with `--check` report what differs from the record; the exit code says whether all is well."""
    if sys.argv[1:] == ["--check"]:
        return check()
    STATIC.mkdir(parents=True, exist_ok=True)
    record = {name: vendor(name, version, files) for name, (version, files) in PINS.items()}
    notice = STATIC / "govuk-frontend.LICENSE.txt"
    notice.write_text(MIT_NOTICE.format(version=PINS["govuk-frontend"][0]), encoding="utf-8")
    RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return check()


def vendor(name: str, version: str, files: tuple[Taken, ...]) -> dict[str, object]:
    """Pack one package, write the files taken from it, and return its record."""
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(  # noqa: S603
            ["npm", "pack", f"{name}@{version}", "--silent"],  # noqa: S607
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
        )
        tarball = Path(folder) / packed.stdout.strip().splitlines()[-1]
        for taken in files:
            (STATIC / taken.name).write_text(taken.change(read_member(tarball, taken.source)), encoding="utf-8")
        return {
            "version": version,
            "tarball_sha256": sha256(tarball),
            "files": {taken.name: sha256(STATIC / taken.name) for taken in files},
        }


def read_member(tarball: Path, path: str) -> str:
    """The text of one file of a tarball."""
    with tarfile.open(tarball) as archive:
        member = archive.extractfile(path)
        if member is None:
            raise FileNotFoundError(f"{tarball.name} holds no file {path}")
        return member.read().decode("utf-8")


def check() -> int:
    """Print each file that is missing or differs from the record; 0 when none does."""
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    wanted = {name: digest for package in record.values() for name, digest in package["files"].items()}
    faults = [name for name, digest in wanted.items() if not (STATIC / name).exists() or sha256(STATIC / name) != digest]
    for name in faults:
        print(f"{STATIC / name}: differs from {RECORD.name}; run python services/console/vendor.py", file=sys.stderr)
    return 1 if faults else 0


def sha256(path: Path) -> str:
    """The file's sha256 in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
