"""Things that must be closed: with them as context managers that happens by itself."""

from __future__ import annotations

from typing import TypeVar

_Self = TypeVar("_Self", bound="Closing")


class Closing:
    """Its `close` is called at the end of a `with` block, whatever happened in it."""

    def close(self) -> None:
        """Free what it holds; more than once does no harm."""
        raise NotImplementedError

    def __enter__(self: _Self) -> _Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
