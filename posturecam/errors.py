"""Errors that reach the user: one line, and a stable exit code."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of the program; others rely on them."""

    DONE = 0
    FAILURE = 1
    USAGE = 2
    UNREADABLE = 3
    BAD_PROFILE = 4


class PosturecamError(Exception):
    """Something the user should read: what happened and what to do, in one line."""

    exit_code = Exit.FAILURE


class UsageError(PosturecamError):
    """The command's words contradict each other or the recording."""

    exit_code = Exit.USAGE


class UnreadableError(PosturecamError):
    """A camera or a video gives no pictures."""

    exit_code = Exit.UNREADABLE


class BadProfileError(PosturecamError):
    """A profile cannot be used."""

    exit_code = Exit.BAD_PROFILE
