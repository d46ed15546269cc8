"""Patterns: what a posture held over time amounts to.

One file each, and one row in `table`, whose order is that of specificity. `pattern` says what a pattern and its
kind are. Most are a `held_posture`: `cue` puts the conditions of a posture on one scale, `sustained` is the
state machine from such a signal to the events of its episodes, and `exposure` fills and leaks. The others open
and close a `spell` by rules of their own.
"""
