"""The patterns that are no held posture: stillness, monitor placement, rapid turns, hydration."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from posturecam.core.event import Event, EventKind
from posturecam.core.iso11226 import STANDARD
from posturecam.core.patterns import table
from posturecam.core.placement import Placement
from posturecam.core.posture import Posture, nobody
from postures import posture

At = Callable[[float], Posture | None]
"""The posture at a time, None for nobody; its own time is replaced."""


def sitting(pitch=0.0, yaw=0.0, forward_cm=0.0, **angles) -> Posture:
    place = Placement(head_forward_cm=forward_cm, head_left_cm=0.0, head_up_cm=0.0)
    return replace(posture(0.0, pitch, head_yaw=yaw, **angles), placement=place)


def steps(*held: tuple[float, Posture | None]) -> At:
    """Postures held for so many minutes each, the last one for ever."""

    def at(t_s: float) -> Posture | None:
        for minutes, one in held[:-1]:
            if t_s < 60 * minutes:
                return one
            t_s -= 60 * minutes
        return held[-1][1]

    return at


def watch(name: str, at: At, minutes: float, rate_hz: float = 2.0, start_s: float = 0.0, **values) -> list[Event]:
    tuning = {**table.tuning({})}
    tuning[name] = {**tuning[name], **values}
    pattern = table.kind(name).make(tuning, STANDARD)
    end_s = start_s + 60 * minutes
    got = [event for one in stream(at, end_s, rate_hz, start_s) for event in pattern.update(one)]
    return got + pattern.finish(end_s)


def stream(at: At, end_s: float, rate_hz: float, start_s: float = 0.0) -> Iterator[Posture]:
    for k in range(round((end_s - start_s) * rate_hz)):
        t_s = start_s + k / rate_hz
        one = at(t_s - start_s)
        yield nobody(t_s) if one is None else replace(one, t_s=t_s)


def in_words(got: list[Event]) -> list[str]:
    """What came about, at which minute, and for an end why."""
    words = []
    for event in got:
        if event.kind is not EventKind.STATIC:
            reason = event.episode.end_reason
            words.append(f"{event.kind.value} {event.t_s / 60:.1f}" + (f" {reason.value}" if reason else ""))
    return words


HERE, THERE, NEAR = sitting(), sitting(forward_cm=4), sitting(forward_cm=2)


@pytest.mark.parametrize(
    ("at", "minutes", "expected"),
    [
        (steps((60, HERE)), 14.9, []),
        (steps((60, HERE)), 34.9, ["alert 15.0", "end 34.9 stream_end"]),
        (steps((60, HERE)), 36, ["alert 15.0", "reminder 35.0", "end 36.0 stream_end"]),
        (
            lambda t_s: HERE if t_s % 60 < 57 else THERE,
            40,
            ["alert 15.0", "reminder 35.0", "end 40.0 stream_end"],
        ),
        (lambda t_s: HERE if t_s % 480 < 240 else THERE, 60, []),
        (lambda t_s: HERE if t_s % 480 < 240 else NEAR, 16, ["alert 15.0", "end 16.0 stream_end"]),
        (steps((10, HERE), (60, THERE)), 24, ["alert 15.0", "end 24.0 stream_end"]),
        (steps((20, HERE), (60, THERE)), 34, ["alert 15.0", "end 20.1 recovered"]),
        (steps((14, HERE), (1, None), (60, HERE)), 29.9, []),
        (steps((14, HERE), (1, None), (60, HERE)), 31, ["alert 30.0", "end 31.0 stream_end"]),
        (steps((16, HERE), (5, None)), 21, ["alert 15.0", "end 16.2 away"]),
        (steps((14, HERE), (0.1, None), (60, HERE)), 16, ["alert 15.0", "end 16.0 stream_end"]),
        (steps((20, sitting(10)), (60, sitting(-1))), 22, ["alert 15.0", "end 20.1 recovered"]),
        (lambda t_s: sitting(yaw=7 * math.sin(t_s / 40)), 16, ["alert 15.0", "end 16.0 stream_end"]),
    ],
    ids=[
        "a quarter of an hour is not yet over",
        "after it a nudge comes",
        "and again 20 minutes later",
        "moves of 3 seconds are no change of position",
        "a change every 4 minutes is enough",
        "changes by 2 centimetres are none",
        "one change in the quarter is not",
        "a change is an end to it",
        "after a minute away it begins anew",
        "and takes a quarter of an hour again",
        "who leaves ends it",
        "a moment unseen is not away",
        "a nod that is held is a change",
        "swaying by less than 8 degrees is none",
    ],
)
def test_stillness(at, minutes, expected):
    assert in_words(watch("stillness", at, minutes)) == expected


def test_stillness_says_since_when():
    (_, alert, _) = watch("stillness", steps((60, HERE)), 16, start_s=1000)
    assert (alert.t_s, alert.episode.onset_s) == (1900, 1000)


def test_when_more_changes_are_asked_for_few_are_not_enough():
    changing = lambda t_s: HERE if t_s % 480 < 240 else THERE  # noqa: E731
    assert watch("stillness", changing, 40, least_shifts=2) == []
    assert watch("stillness", changing, 40, least_shifts=9) != []


@pytest.mark.parametrize(
    ("at", "minutes", "expected"),
    [
        (steps((60, sitting(11))), 9.9, []),
        (steps((60, sitting(11))), 12, ["alert 10.0", "end 12.0 stream_end"]),
        (steps((60, sitting(9))), 30, []),
        (steps((60, sitting(-6))), 12, ["alert 10.0", "end 12.0 stream_end"]),
        (steps((60, sitting(-4))), 30, []),
        (steps((60, sitting(35))), 30, []),
        (lambda t_s: sitting(40 if t_s % 60 < 40 else 0), 40, []),
        (steps((60, sitting(yaw=25))), 12, ["alert 10.0", "end 12.0 stream_end"]),
        (lambda t_s: sitting(yaw=25 if t_s % 60 < 39 else 0), 12, ["alert 10.0", "end 12.0 stream_end"]),
        (lambda t_s: sitting(yaw=25 if t_s % 60 < 33 else 0), 12, []),
        (lambda t_s: sitting(yaw=25 if t_s % 60 < 30 else -25), 30, []),
        (steps((5, sitting(11)), (60, None)), 30, []),
        (steps((11, sitting(11)), (60, sitting(0))), 24, ["alert 10.0", "end 16.0 recovered"]),
        (
            steps((11, sitting(11)), (10, sitting(0)), (60, sitting(11))),
            60,
            ["alert 10.0", "end 16.0 recovered"],
        ),
    ],
    ids=[
        "ten minutes are not yet over",
        "a screen that is too low gives a tip",
        "one that is a little low does not",
        "one that is too high does",
        "one that is a little high does not",
        "a neck bent to a phone is not turned to the screen",
        "nor when it is so most of the time",
        "a screen aside gives a tip",
        "also when it is looked at for two thirds of the time",
        "not for half of it",
        "nor do two screens, one to each side",
        "who has left is not facing it",
        "another habit is an end to it",
        "and it comes once a day at most",
    ],
)
def test_monitor_placement(at, minutes, expected):
    assert in_words(watch("monitor_placement", at, minutes)) == expected


def test_monitor_placement_writes_down_the_median():
    (static, *_) = watch("monitor_placement", lambda t_s: sitting(14 + 3 * math.sin(t_s)), 11)
    assert static.episode.peak_deg == pytest.approx(14, abs=0.3)
    (static, *_) = watch("monitor_placement", steps((60, sitting(yaw=-30))), 11)
    assert static.episode.mean_deg == -30


def turn(start_s: float, length_s: float, deg: float) -> At:
    """The head turns by so much in so long, evenly speeded up and slowed down."""

    def at(t_s: float) -> Posture:
        share = min(max((t_s - start_s) / length_s, 0.0), 1.0)
        return sitting(yaw=deg * (1 - math.cos(math.pi * share)) / 2)

    return at


@pytest.mark.parametrize(
    ("at", "found"),
    [
        (turn(2, 0.4, 60), True),
        (turn(2, 0.4, -60), True),
        (turn(2, 0.2, 32), True),
        (turn(2, 0.15, 25), False),
        (turn(2, 0.6, 60), False),
        (turn(2, 2.0, 80), False),
        (lambda t_s: sitting(yaw=60.0 if t_s > 2 else 0.0), False),
        (lambda t_s: sitting(yaw=2 * math.sin(900 * t_s)), False),
        (lambda t_s: sitting(yaw=None), False),
        (lambda t_s: None, False),
    ],
    ids=[
        "60 degrees in 0.4 seconds",
        "to the other side too",
        "just far and fast enough",
        "too small",
        "too slow",
        "a look at a colleague",
        "landmarks that jump",
        "landmarks that tremble",
        "no face",
        "nobody",
    ],
)
@pytest.mark.parametrize("rate_hz", [20.0, 30.0])
def test_rapid_turn(at, found, rate_hz):
    got = watch("rapid_turn", at, 0.1, rate_hz)
    assert [event.kind for event in got] == [EventKind.END] * found


def test_a_rapid_turn_is_as_long_and_as_far_as_it_was_and_never_an_alert():
    (end,) = watch("rapid_turn", turn(2, 0.4, 60), 0.1, 30.0)
    episode = end.episode
    assert (episode.onset_s, episode.end_s) == (pytest.approx(2, abs=0.1), pytest.approx(2.4, abs=0.1))
    assert episode.peak_deg == pytest.approx(60, abs=4)
    assert episode.alert_s is None


def test_a_turn_there_and_back_is_two():
    there, back = turn(2, 0.4, 60), turn(2.4, 0.4, -60)
    both = lambda t_s: sitting(yaw=there(t_s).head_yaw.deg + back(t_s).head_yaw.deg)  # noqa: E731
    assert len(watch("rapid_turn", both, 0.1, 30.0)) == 2


@pytest.mark.parametrize(("rate_hz", "measurable"), [(5.0, False), (15.0, False), (20.0, True), (30.0, True)])
def test_rapid_turns_need_twenty_frames_a_second(rate_hz, measurable):
    pattern = table.kind("rapid_turn").make(table.tuning({}), STANDARD)
    for one in stream(turn(2, 0.4, 60), 5, rate_hz):
        got = pattern.update(one)
        assert measurable or got == []
    assert (pattern.obstacle is None) == measurable
    assert measurable or "20 frames per second" in pattern.obstacle


@pytest.mark.parametrize(
    ("at", "minutes", "expected"),
    [
        (steps((60, HERE)), 59.9, []),
        (steps((200, HERE)), 130, ["alert 60.0", "reminder 120.0", "end 130.0 stream_end"]),
        (steps((50, HERE), (3, None), (200, HERE)), 110, []),
        (steps((50, HERE), (1, None), (200, HERE)), 62, ["alert 61.0", "end 62.0 stream_end"]),
        (steps((70, HERE), (10, None)), 80, ["alert 60.0", "end 72.0 away"]),
    ],
    ids=[
        "an hour is not yet over",
        "every hour at the desk",
        "after a break it begins anew",
        "a minute away is no break, and does not count",
        "a break is an end to it",
    ],
)
def test_hydration(at, minutes, expected):
    assert in_words(watch("hydration", at, minutes, rate_hz=1.0)) == expected


def test_time_without_frames_is_not_spent_at_the_desk():
    pattern = table.kind("hydration").make(table.tuning({}), STANDARD)
    got = [event for t_s in (0, 1, 4000, 4001) for event in pattern.update(replace(HERE, t_s=float(t_s)))]
    assert got == []
