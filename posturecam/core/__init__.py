"""The measuring core: pure functions and state machines over samples, with no clock, no input and no output.

In the order in which a frame passes through: `landmarks` (what was seen) → `posture` (the angles) →
`smoothing` → `state` (one word per sample) and `patterns` (episodes, with `iso11226` holding times) →
`event` (what happened) → `alert_policy` (whether to speak).
"""
