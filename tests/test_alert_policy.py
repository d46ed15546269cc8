from __future__ import annotations

import math

import pytest

from posturecam.core.alert_policy import AlertPolicy, Decision
from posturecam.core.event import EndReason, Episode, Event, EventKind


def event(
    kind: EventKind,
    t_s: float,
    onset_s: float,
    end_s: float | None = None,
    end_reason: EndReason | None = None,
    pattern: str = "text_neck",
) -> Event:
    return Event(kind, t_s, Episode(pattern, onset_s, None, None, end_s, 40.0, 35.0, end_reason))


def live_through(
    policy: AlertPolicy,
    alert_s: float,
    held_on_s: float = 5.0,
    reason: EndReason = EndReason.RECOVERED,
    **kw: str,
) -> str:
    """An episode that gets its alert at `alert_s` and is held on after it; what the policy decided."""
    onset_s, end_s = alert_s - 40, alert_s + held_on_s
    policy.decide(event(EventKind.STATIC, onset_s + 4, onset_s, **kw))
    alert = policy.decide(event(EventKind.ALERT, alert_s, onset_s, **kw))
    end = policy.decide(event(EventKind.END, end_s + 3, onset_s, end_s, reason, **kw))
    assert alert.told is not None
    assert alert.event.episode.told == end.event.episode.told == alert.told.value
    return alert.told.value


@pytest.mark.parametrize(
    ("alerts_s", "expected"),
    [
        ([100], ["yes"]),
        ([0], ["yes"]),
        ([100, 399], ["yes", "cooldown"]),
        ([100, 400], ["yes", "yes"]),
        ([100, 350, 450], ["yes", "cooldown", "yes"]),
        ([0, 400, 800, 1200, 1600, 2000, 2400, 3599, 3600], ["yes"] * 6 + ["cap", "cap", "yes"]),
        ([0, 400, 800, 1200, 1600, 2000, 3600, 3700, 4000], ["yes"] * 6 + ["yes", "cooldown", "yes"]),
    ],
    ids=[
        "the first alert is told",
        "even at the very beginning",
        "an alert within 5 minutes of the last is not told",
        "an alert after 5 minutes is told",
        "what was not told does not prolong the cooldown",
        "the seventh within an hour is not told",
        "an hour is a rolling one",
    ],
)
def test_alerts_that_are_followed(alerts_s: list[float], expected: list[str]):
    policy = AlertPolicy()
    assert [live_through(policy, t_s) for t_s in alerts_s] == expected


@pytest.mark.parametrize(
    ("alerts", "expected"),
    [
        ([(0, 60), (400, 60), (800, 60), (1399, 5)], ["yes", "yes", "yes", "backoff"]),
        ([(0, 60), (400, 60), (800, 60), (1099, 5)], ["yes", "yes", "yes", "cooldown"]),
        ([(0, 60), (400, 60), (800, 60), (1400, 5)], ["yes", "yes", "yes", "yes"]),
        ([(0, 60), (400, 59), (800, 60), (1200, 5)], ["yes", "yes", "yes", "yes"]),
        ([(0, 60), (400, 60), (800, 60), (1400, 5), (1700, 5)], ["yes"] * 5),
        ([(k * 600, 200) for k in range(6)] + [(4199, 5), (4200, 5)], ["yes"] * 6 + ["backoff", "yes"]),
        ([(0, 60), (400, 60), (500, 60), (800, 5), (1100, 5)], ["yes", "yes", "cooldown", "yes", "yes"]),
    ],
    ids=[
        "after three ignored in a row the cooldown is 10 minutes",
        "the usual cooldown is still called that",
        "and after 10 minutes it is told again",
        "one that was followed breaks the row",
        "one that was followed after three ignored brings the 5 minutes back",
        "after six ignored in a row it is 20 minutes",
        "one that nobody was told about cannot be ignored",
    ],
)
def test_alerts_that_are_ignored(alerts: list[tuple[float, float]], expected: list[str]):
    policy = AlertPolicy()
    assert [live_through(policy, t_s, held_on_s) for t_s, held_on_s in alerts] == expected


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (EndReason.RECOVERED, "yes"),
        (EndReason.AWAY, "yes"),
        (EndReason.NOT_MEASURED, "backoff"),
    ],
    ids=["who sits up followed it", "who leaves followed it", "who was lost from sight may not have"],
)
def test_how_an_episode_ended_tells_whether_it_was_followed(reason: EndReason, expected: str):
    policy = AlertPolicy()
    for t_s in (0, 400):
        live_through(policy, t_s, 60)
    live_through(policy, 800, 5, reason)
    live_through(policy, 1200, 60)
    assert live_through(policy, 1550) == expected


def test_an_episode_with_a_reminder_is_ignored_from_its_alert_on():
    policy = AlertPolicy()
    for alert_s in (0, 1000, 2000):
        policy.decide(event(EventKind.ALERT, alert_s, alert_s - 40))
        policy.decide(event(EventKind.REMINDER, alert_s + 400, alert_s - 40))
        policy.decide(event(EventKind.END, alert_s + 430, alert_s - 40, alert_s + 427, EndReason.RECOVERED))
    assert live_through(policy, 2800) == "backoff"


def test_while_snoozed_nothing_is_told():
    policy = AlertPolicy()
    policy.snooze(1000)
    assert [live_through(policy, t_s) for t_s in (100, 999, 1000)] == ["snoozed", "snoozed", "yes"]
    policy.snooze(math.inf)
    assert live_through(policy, 1e6) == "snoozed"
    policy.snooze(2e6)
    assert live_through(policy, 2e6) == "yes"


def test_all_patterns_share_one_cooldown():
    policy = AlertPolicy()
    assert live_through(policy, 100) == "yes"
    assert live_through(policy, 200, pattern="slouch") == "cooldown"


def test_a_reminder_is_decided_like_an_alert_and_leaves_what_was_decided_about_the_alert():
    policy = AlertPolicy()
    alert = policy.decide(event(EventKind.ALERT, 100, 40))
    soon = policy.decide(event(EventKind.REMINDER, 300, 40))
    assert [d.told and d.told.value for d in (alert, soon)] == ["yes", "cooldown"]
    assert soon.event.episode.told == "yes"
    late = policy.decide(event(EventKind.REMINDER, 600, 40))
    assert late.told is not None
    assert late.told.value == "yes"


@pytest.mark.parametrize("kind", [EventKind.STATIC, EventKind.END])
def test_a_beginning_and_an_end_are_nothing_to_tell(kind: EventKind):
    quiet = event(kind, 100, 40)
    assert AlertPolicy().decide(quiet) == Decision(quiet, None)
