from __future__ import annotations

import pytest

from posturecam.vision.duty import Duty, parse_duty


@pytest.mark.parametrize(
    ("text", "duty"),
    [("3s/30s", (3, 30)), ("3/30", (3, 30)), ("2.5s / 10s", (2.5, 10)), ("5S/1m", (5, 60)), ("10s/2min", (10, 120))],
)
def test_a_duty_is_read(text, duty):
    assert parse_duty(text) == duty


@pytest.mark.parametrize("text", ["", "3s", "30s/3s", "1s/30s", "3s/9s", "3s/3m", "20s/30s", "-3s/30s", "3s/30h"])
def test_what_is_no_duty_is_refused_with_what_is_allowed(text):
    with pytest.raises(ValueError, match="as 3s/30s: looks of 2 to 60 s, every 10 to 120 s"):
        parse_duty(text)


def test_frames_of_neighbouring_looks_lie_within_its_gap():
    assert Duty(3.0, 30.0).gap_s > 30 - 3
