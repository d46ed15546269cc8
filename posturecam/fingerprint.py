"""What a result was made from: the content of a recording, and the way in which it was measured."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Fingerprint:
    """Results with equal fingerprints hold the same, whatever the recording was called and wherever it lay."""

    recording_bytes: int
    recording_sha256: str
    method_sha256: str
    """Of the settings, the neutral and posturecam's version."""
    files: tuple[str, ...]
    """Names of what was written beside summary.json."""

    @classmethod
    def parse(cls, said: object) -> Fingerprint | None:
        """Read what `as_dict` gave; None for anything else."""
        if not isinstance(said, Mapping):
            return None
        try:
            return cls(**{**said, "files": tuple(said["files"])})
        except (KeyError, TypeError):
            return None

    def as_dict(self) -> dict[str, Any]:
        """As JSON knows it."""
        return {**asdict(self), "files": list(self.files)}


def sha256_of_file(path: Path) -> str:
    """The digest of a whole file, at more than a gigabyte per second; OSError when it cannot be read."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def sha256_of(document: Any) -> str:
    """The digest of what JSON can hold, in whatever order its keys stand."""
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
