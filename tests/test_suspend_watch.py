from __future__ import annotations

import pytest

from posturecam.presence import SuspendWatch, clocks


@pytest.mark.parametrize(
    ("before", "after", "slept_s"),
    [
        ((100.0, 1000.0), (100.5, 1000.5), None),
        ((100.0, 1000.0), (100.5, 1003.5), None),
        ((100.0, 1000.0), (100.5, 1600.5), 600.0),
        ((100.0, 1000.0), (700.0, 1600.0), 600.0),
        ((100.0, 1000.0), (105.0, 1605.0), 600.0),
        ((100.0, 1000.0), (100.5, 400.5), None),
    ],
    ids=[
        "both clocks run on",
        "the wall clock is set by a little",
        "one clock stands still in sleep",
        "both clocks run on in sleep",
        "the first look after sleep comes late",
        "the wall clock is set back",
    ],
)
def test_sleep_is_told_by_two_clocks(before, after, slept_s):
    watch = SuspendWatch()
    assert watch.update(*before) is None
    assert watch.update(*after) == slept_s
    assert watch.update(after[0] + 1, after[1] + 1) is None


def test_the_systems_clocks_run_alike_while_it_is_awake():
    watch = SuspendWatch()
    assert [watch.update(*clocks()) for _ in range(3)] == [None] * 3
