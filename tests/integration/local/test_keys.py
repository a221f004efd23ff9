"""The keys of a local system: made once, closed to others, and only hashes where hashes do."""

import base64
import hashlib
import json
from pathlib import Path

import pytest

from fingerpost_local.failure import CannotStart
from fingerpost_local.keys import SECRET_NAMES, SERVICE_USERS, make_keys
from fingerpost_local.parties import Parties

PARTIES = Parties(agencies=("police", "womens_aid"), destinations=("marac",))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_keys_are_made_once(tmp_path: Path):
    make_keys(tmp_path / "keys", PARTIES)
    first = contents(tmp_path / "keys")
    make_keys(tmp_path / "keys", PARTIES)
    assert contents(tmp_path / "keys") == first


def test_nobody_else_can_read_them(tmp_path: Path):
    make_keys(tmp_path / "keys", PARTIES)
    everything = [tmp_path / "keys", *(tmp_path / "keys").rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in everything if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in everything if path.is_file()} == {0o600}


def test_each_secret_is_thirty_two_random_bytes(tmp_path: Path):
    keys = make_keys(tmp_path / "keys", PARTIES)
    secrets = [base64.urlsafe_b64decode(keys.secret(name)) for name in SECRET_NAMES]
    assert [len(secret) for secret in secrets] == [32] * len(SECRET_NAMES)
    assert len(set(secrets)) == len(SECRET_NAMES)


@pytest.mark.parametrize("file", ["key-encryption", "nkeys/agency-police.seed", "credentials.json"])
@pytest.mark.parametrize("content", [b"", b"half of i", b"\xff\xfe\x00", b"[]"])
def test_a_damaged_file_is_named_and_left_as_it_is(tmp_path: Path, file: str, content: bytes):
    make_keys(tmp_path / "keys", PARTIES)
    damaged = tmp_path / "keys" / file
    damaged.write_bytes(content)
    with pytest.raises(CannotStart, match=rf"{file} is damaged\. Put it back from a backup"):
        make_keys(tmp_path / "keys", PARTIES)
    assert damaged.read_bytes() == content


def test_a_key_put_back_with_a_line_end_is_the_same(tmp_path: Path):
    before = make_keys(tmp_path / "keys", PARTIES).secret("token")
    with (tmp_path / "keys" / "token").open("a") as file:
        file.write("\n")
    assert make_keys(tmp_path / "keys", PARTIES).secret("token") == before


def test_intake_gets_hashes_and_people_get_the_keys(tmp_path: Path):
    keys = make_keys(tmp_path / "keys", PARTIES)
    credentials = json.loads(keys.credentials.read_text())
    hashes = json.loads((tmp_path / "keys" / "api-keys.json").read_text())
    given = {agency: row["api_key"] for agency, row in credentials["agencies"].items()}
    assert {agency: hashlib.sha256(key.encode()).hexdigest() for agency, key in given.items()} == hashes
    assert set(hashes) == set(PARTIES.agencies)
    assert Path(credentials["operator"]["nats"]).read_text().startswith("SU")
    assert set(keys.seeds) == {*SERVICE_USERS, "agency-police", "agency-womens_aid", "destination-marac"}


def test_an_agency_that_leaves_the_directory_loses_its_key_and_the_others_keep_theirs(tmp_path: Path):
    keys = make_keys(tmp_path / "keys", PARTIES)
    before = json.loads(keys.credentials.read_text())["agencies"]
    keys = make_keys(tmp_path / "keys", Parties(agencies=("police", "probation"), destinations=("marac",)))
    after = json.loads(keys.credentials.read_text())["agencies"]
    assert after["police"] == before["police"]
    assert set(after) == set(json.loads((tmp_path / "keys" / "api-keys.json").read_text())) == {"police", "probation"}
