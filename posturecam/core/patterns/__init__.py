"""Patterns: what a posture held over time amounts to.

`exposure` fills and leaks, `sustained` is the state machine from a signal to the events of its episodes,
and each pattern is a signal with thresholds and holding times for it.
"""
