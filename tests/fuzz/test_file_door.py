"""A short run of the file door's fuzzer with fixed seeds, and operations beside a simple model."""

from __future__ import annotations

import ftplib
import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from digipoort_sim.exchange.accounts import Accounts
from tests.ftp.conftest import LOON, OIN, OTHER_OIN, Door, ReusingFtp, loon_name
from tests.fuzz.file_door import play
from tests.security_connections.file_kit import delivers, explained, quiet

__all__ = ["explained", "quiet"]
pytestmark = pytest.mark.heavy


@pytest.mark.parametrize("stage", ["plain", "tls", "account"])
def test_whatever_is_said_the_door_stands(door: Door, stage: str) -> None:
    """No line in the log, no refusal without a rule, no fault of our own, no hang; and others are served."""
    door.open(replace(door.profile, handshake_seconds=1.0, data_connect_seconds=1.0))
    for seed in range(15):
        play(door, seed, stage)
    delivers(door, "after")


@dataclass
class Side:
    """One account, and what the model says its folder holds.

    Attributes:
        files: the files in /in, by name.
        delivered: the final names that are used up.
    """

    client: ReusingFtp
    files: dict[str, bytes] = field(default_factory=dict)
    delivered: set[str] = field(default_factory=set)


def test_two_accounts_beside_a_model(door: Door) -> None:
    """Random uploads, renames, deletions and deliveries by two accounts do what the model says."""
    door.open(replace(door.profile, max_refusals=10_000))
    sides = []
    for oin in (OIN, OTHER_OIN):
        door.user, door.password = Accounts(door.rooms.store, door.rooms.ids, door.rooms.clocks).add(oin)
        sides.append(Side(door.login(door.client_files(oin))))
    chance = random.Random(2026)
    for _ in range(60):
        _step(chance.choice(sides), chance)
    delivered = [name for side in sides for name in side.delivered]
    assert len(delivered) > 2
    for side in sides:
        side.client.quit()


def _step(side: Side, chance: random.Random) -> None:
    name, other = (f"/in/{chance.choice('abc')}.tmp" for _ in range(2))
    final = f"/in/{loon_name(f'ref-{chance.randrange(12)}')}"
    content = bytes([chance.randrange(256)]) * chance.randrange(1, 3000) if chance.random() < 0.5 else LOON
    kind = chance.choice(("STOR", "APPE", "rename", "delete", "deliver"))
    if kind in ("STOR", "APPE"):
        side.client.storbinary(f"{kind} {name}", io.BytesIO(content))
        before = side.files.get(name, b"") if kind == "APPE" else b""
        side.files[name] = before + content
    else:
        _change(side, kind, name, {"rename": other, "deliver": final}.get(kind, ""))
    listed = {f"/in/{entry}": int(facts["size"]) for entry, facts in side.client.mlsd("/in", ["size"])}
    assert listed == {entry: len(content) for entry, content in side.files.items()}


def _change(side: Side, kind: str, name: str, target: str) -> None:
    """Rename, delete or deliver a file; a name is delivered once, and nothing is written over."""
    files = side.files
    is_possible = name in files and target not in files and target not in side.delivered
    if kind == "delete":
        done = _agrees(is_possible, lambda: side.client.delete(name))
    else:
        done = _agrees(is_possible, lambda: side.client.rename(name, target))
    if not done:
        return
    content = files.pop(name)
    if kind == "rename":
        files[target] = content
    elif kind == "deliver":
        side.delivered.add(target)


def _agrees(expected: bool, call: Callable[[], object]) -> bool:
    """Whether a command succeeds, as the model says."""
    try:
        call()
    except ftplib.error_perm:
        succeeded = False
    else:
        succeeded = True
    assert succeeded is expected
    return succeeded
