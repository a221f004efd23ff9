"""A partnership of invented people, as files on disk, and the console's settings for it."""

import base64
from pathlib import Path

from fingerpost_console.settings import ConsoleSettings

DIRECTORY = """\
partnership: {id: mortimer, name: Mortimer Vale Community Safety Partnership, reference_prefix: MV, timezone: Europe/London}
destinations:
  csp_duty_desk: {name: Duty desk, level: casework}
  childrens_mash: {name: Children's MASH, level: casework}
  adult_safeguarding: {name: Adult safeguarding, level: casework}
  domestic_abuse_subgroup: {name: Domestic Abuse Sub-group, level: tactical}
  sexual_violence_subgroup: {name: Sexual Violence Sub-group, level: tactical}
  tackling_substance_misuse_group: {name: Tackling Substance Misuse Group, level: tactical}
  matac: {name: MATAC, level: tactical}
  csp_board: {name: CSP Board, level: strategic}
agencies:
  police: {name: Mortimer Police, responsible_authority: true}
  council: {name: Mortimer Vale Council, responsible_authority: true}
  womens_aid: {name: Vale Women's Aid}
  fire_and_rescue: {name: Mortimer Fire and Rescue, responsible_authority: true}
people:
  olive: {name: Olive Invented, works_for: csp_duty_desk, roles: [operator]}
  cora: {name: Cora Madeup, works_for: council, roles: [coordinator]}
  caspar: {name: Caspar Pretend, works_for: council, roles: [coordinator]}
  dana: {name: Dana Sample, works_for: domestic_abuse_subgroup, roles: [caseworker]}
  dev: {name: Dev Example, works_for: domestic_abuse_subgroup, roles: [caseworker]}
  mo: {name: Mo Placeholder, works_for: matac, roles: [caseworker]}
  bea: {name: Bea Boardmember, works_for: csp_board, roles: [caseworker]}
  pat: {name: Pat Nobody, works_for: police, roles: [caseworker]}
"""

FACTS = """\
version: 1
facts:
  dash_ticks: {label: DASH ticks, type: number, min: 0, max: 24, unknown: true}
  child_in_household: {label: Child in the household, type: choice, values: [no, yes], unknown: true}
  weapon: {label: Weapon, type: choice, values: [none, bladed], unknown: true}
  anonymous: {label: Anonymous, type: flag}
  repeats_12m: {label: Repeats 12m, type: number, min: 0, max: 50, risk: up, unknown: true, counted: true}
"""


def settings_in(folder: Path, **changes: object) -> ConsoleSettings:
    """The console's settings for this partnership, its files and keys written into a folder."""
    (folder / "directory.yaml").write_text(DIRECTORY, encoding="utf-8")
    (folder / "facts.yaml").write_text(FACTS, encoding="utf-8")
    for number, name in enumerate(("console-assertion", "console-session")):
        (folder / name).write_text(base64.urlsafe_b64encode(bytes([number]) * 32).decode("ascii"), encoding="ascii")
    return ConsoleSettings.model_validate({"environment": "demo", "keys_dir": folder, "partnership_dir": folder, **changes})
