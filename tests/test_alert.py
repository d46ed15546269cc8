from __future__ import annotations

from dataclasses import replace

import pytest

from posturecam.core.alert import alert_of
from posturecam.core.alert_policy import Decision, Told
from posturecam.core.event import Event, EventKind
from posturecam.core.manner import Manner
from posturecam.core.patterns import table
from sessions import episode

HELD = episode(10.0, 70.0, "yes", None, None)


def decided(told=Told.YES, kind=EventKind.ALERT, held=HELD) -> Decision:
    return Decision(Event(kind, 70.0, held), told)


def test_an_alert_that_is_told_has_the_words_of_its_pattern():
    said = alert_of(decided(), table.manners({}))
    assert (said.t_s, said.pattern, said.title, said.episode) == (70.0, "text_neck", "text neck", HELD)
    assert (said.words, said.manner, said.reminder) == (table.kind("text_neck").said, Manner.ALERT, False)


def test_a_reminder_has_other_words():
    said = alert_of(decided(kind=EventKind.REMINDER), {})
    assert (said.words, said.reminder) == (table.kind("text_neck").said_again, True)


@pytest.mark.parametrize("told", [None, *(one for one in Told if one is not Told.YES)])
def test_what_is_not_told_is_no_alert(told):
    assert alert_of(decided(told), {}) is None


@pytest.mark.parametrize("kind", table.KINDS, ids=lambda kind: kind.name)
def test_an_alert_is_as_loud_as_the_user_wants_and_else_as_its_pattern(kind):
    one = decided(held=replace(HELD, pattern=kind.name))
    assert alert_of(one, {}).manner is kind.manner
    assert alert_of(one, {kind.name: Manner.TIP}).manner is Manner.TIP
    assert alert_of(one, {kind.name: Manner.TIP}).quiet
