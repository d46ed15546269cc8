from __future__ import annotations

import pytest

from posturecam.core.alert_policy import AlertPolicy, Told
from posturecam.core.arbiter import Arbiter
from posturecam.core.event import EndReason, Episode, Event, EventKind
from posturecam.core.manner import Manner

ORDER = ("text_neck", "phone_cradle", "side_tilt")


def event(pattern: str, kind: EventKind, t_s: float = 100.0, onset_s: float = 0.0) -> Event:
    reason = EndReason.RECOVERED if kind is EventKind.END else None
    return Event(kind, t_s, Episode(pattern, onset_s, None, None, t_s if reason else None, 20.0, 15.0, reason))


def after(*events: tuple[str, EventKind]) -> Arbiter:
    arbiter = Arbiter(ORDER)
    for pattern, kind in events:
        arbiter.covers(event(pattern, kind))
    return arbiter


STATIC, ALERT, REMINDER, END = EventKind


@pytest.mark.parametrize(
    ("before", "pattern", "covered"),
    [
        ([], "side_tilt", False),
        ([("phone_cradle", STATIC)], "side_tilt", True),
        ([("phone_cradle", ALERT)], "side_tilt", True),
        ([("phone_cradle", STATIC), ("phone_cradle", END)], "side_tilt", False),
        ([("side_tilt", STATIC)], "phone_cradle", False),
        ([("side_tilt", ALERT)], "phone_cradle", False),
        ([("phone_cradle", STATIC)], "hydration", False),
        ([("hydration", STATIC)], "side_tilt", False),
    ],
    ids=[
        "alone it is heard",
        "beside something more specific it is not",
        "nor after that was heard",
        "when that is over it is",
        "something less specific keeps nothing quiet",
        "not even when it was heard",
        "what is no posture is always heard",
        "and keeps no posture quiet",
    ],
)
@pytest.mark.parametrize("kind", [ALERT, REMINDER])
def test_of_several_postures_the_most_specific_is_heard(before, pattern, covered, kind):
    assert after(*before).covers(event(pattern, kind)) is covered


@pytest.mark.parametrize("kind", [STATIC, END])
def test_a_beginning_and_an_end_are_never_covered(kind):
    assert not after(("text_neck", ALERT)).covers(event("side_tilt", kind))


def test_what_is_covered_says_so_in_its_episode_and_does_not_count_as_told():
    policy = AlertPolicy()
    assert policy.decide(event("side_tilt", ALERT), covered=True).told is Told.COVERED
    assert policy.decide(event("side_tilt", END)).event.episode.told == "covered"
    assert policy.decide(event("text_neck", ALERT, 101.0, 50.0)).told is Told.YES


MANNERS = {
    "text_neck": Manner.ALERT,
    "side_tilt": Manner.TIP,
    "stillness": Manner.NUDGE,
    "rapid_turn": Manner.LOG,
}


def told(*alerts: tuple[str, float]) -> list[str]:
    """What is decided about alerts of patterns at these times, each let go 5 s later."""
    policy, decided = AlertPolicy(MANNERS), []
    for pattern, t_s in alerts:
        decision = policy.decide(event(pattern, ALERT, t_s, t_s - 60))
        policy.decide(event(pattern, END, t_s + 5, t_s - 60))
        decided.append(decision.told.value)
    return decided


@pytest.mark.parametrize(
    ("alerts", "expected"),
    [
        ([("side_tilt", 100), ("text_neck", 110)], ["yes", "yes"]),
        ([("text_neck", 100), ("side_tilt", 110)], ["yes", "cooldown"]),
        ([("side_tilt", 100), ("stillness", 110)], ["yes", "cooldown"]),
        ([("text_neck", 100), ("rapid_turn", 110), ("text_neck", 120)], ["yes", "logged", "cooldown"]),
        ([("text_neck", 400 * k) for k in range(6)] + [("side_tilt", 2500)], ["yes"] * 6 + ["cap"]),
        ([("side_tilt", 400 * k) for k in range(6)] + [("text_neck", 2100)], ["yes"] * 7),
        ([("side_tilt", 400 * k) for k in range(6)] + [("stillness", 2500)], ["yes"] * 6 + ["cap"]),
    ],
    ids=[
        "no alert waits for a tip",
        "a tip waits for an alert",
        "tips and nudges wait for one another",
        "what is only written down is not told and keeps nothing waiting",
        "after enough alerts there is no tip either",
        "however many tips there were, an alert is told",
        "there are enough tips in an hour too",
    ],
)
def test_tips_keep_quiet_for_alerts_and_not_the_other_way_round(alerts, expected):
    assert told(*alerts) == expected


def test_ignored_tips_do_not_make_alerts_rarer():
    policy = AlertPolicy(MANNERS)
    for t_s in (0, 1000, 2000):
        policy.decide(event("side_tilt", ALERT, t_s, t_s - 60))
        policy.decide(event("side_tilt", END, t_s + 200, t_s - 60))
    assert policy.decide(event("text_neck", ALERT, 3000, 2900)).told is Told.YES
    assert policy.decide(event("text_neck", ALERT, 3300, 3200)).told is Told.YES
