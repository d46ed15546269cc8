"""Lengths and habits of an average adult's head, neck and trunk: the prior of the measurement.

Lengths are in units of an adult's size: what the camera sees gives the person's own scale through the
distance between the outer eye corners, so only proportions matter. Directions are the person's:
forward, left, up. Where an average is uncertain the fit carries its spread as a standard deviation.
"""

from __future__ import annotations

import math

OUTER_EYE_CORNERS_M = 0.088
"""Between the outer eye corners, FaceMesh points 33 and 263: the adult average, ± 4 mm."""

EAR_NOSE_M = 0.075
"""Tragus to tip of the nose as BlazePose places the two in profile; the head's scale where no face is seen."""

SHOULDER_WIDTH_M = 0.36
"""Between the shoulder joints: the adult average."""

SHOULDER_WIDTH_TO_RISE = 1.55
"""The shoulders' width against the eyes' height over them, from the front: 1.35-1.65 in real and rendered people."""

SHOULDER_HIP_M = 0.42
"""Shoulder joint to hip joint, sitting upright, as BlazePose places the two in profile."""

# Head points from the middle between the tragi: forward, left, up.
EYE_M = (0.066, 0.031, 0.024)
NOSE_M = (0.097, 0.0, -0.012)
MOUTH_M = (0.072, 0.022, -0.050)
EAR_M = (0.012, 0.068, 0.0)
SKULL_M = (-0.007, 0.0, 0.041)
"""Middle of the braincase: an adult's head is 0.19 m long and 0.13 m high over the tragi, and hair adds to its back and
top."""
SKULL_LENGTH = 1.1
"""How far the braincase reaches back from its middle over how far it reaches up (1.07-1.25 were alike on rendered
people)."""
SKULL_RADIUS_M = (0.07, 0.125)
"""From a bald head to thick hair; what reaches further is a hat or a hairdo of unknown shape."""
SHOULDERS_FROM_C7_M = (0.055, 0.0, -0.040)
"""Middle of the glenohumeral joints, which BlazePose marks, from C7."""
HIPS_FROM_C7_M = (0.030, 0.0, -0.520)

NECK_M = 0.157
"""C7 to tragus: 0.17 m (Vasavada 2015)."""
NECK_INCLINATION_RAD = math.radians(37.0)
"""C7 to tragus from the vertical, sitting at ease: 43.7° (Ankrum & Nemeth 2000), 36-46° elsewhere."""
NECK_FORWARD_M = NECK_M * math.sin(NECK_INCLINATION_RAD)
"""How far the tragus is before C7."""
TRUNK_M = 0.52
"""Hip to C7."""
TRUNK_INCLINATION_RAD = math.radians(-3.0)
"""Hip to C7 from the vertical, sitting upright: slightly behind."""

LOWER_NECK_SHARE = 0.48
"""Share of the neck's flexion by which the line from C7 to the tragus turns; the rest is nodding at the skull.

0.42-0.64 in rendered people, by how much of the bend is a nod; that, or a poked chin, breaks the share, hence
FREE_NECK_RAD.
"""
FREE_NECK_RAD = math.radians(5.0)
"""Spread of the C7-tragus line about that share."""

SEAT_SINK_M = 0.008
"""Spread of the trunk sinking without leaning."""
SEAT_SHIFT_M = 0.010
"""Spread of the seat moving forward and back between neutral and now."""
SHRUG_M = 0.015
"""Spread of the shoulders' height about the trunk's."""
PROTRACTION_M = 0.012
"""Spread of the shoulders' forward position about the trunk's."""
TRUNK_RAD = math.radians(8.0)
"""Spread of trunk flexion before anything is seen."""
