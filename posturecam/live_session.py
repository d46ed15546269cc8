"""A live session with one camera: first the person's neutral, then what is measured against it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timezone

from calibration.holding import STEPS, Cue
from calibration.profile import Profile
from posturecam.calibrate import Setup
from posturecam.core.alert_policy import Decision
from posturecam.core.landmarks import Landmarks
from posturecam.core.neutral import Neutral
from posturecam.core.pipeline import Pipeline, Settings
from posturecam.core.session import Sample
from posturecam.errors import BadProfileError, UsageError
from posturecam.guide import Guide
from posturecam.keeper import Keeper
from posturecam.profiles import neutral_from
from posturecam.store import SessionFacts
from posturecam.vision.frames import Frame, SourceFacts


@dataclass(frozen=True)
class Terms:
    """On what terms a camera's pictures are measured."""

    settings: Settings
    profile: Profile | None = None
    """None takes the neutral from the first pictures that show somebody sit still."""
    chosen: bool = False
    """The user named the profile: pictures that it does not fit are an error."""


@dataclass(frozen=True)
class Look:
    """What came of one picture: a sample, or how far the neutral is that is being taken."""

    sample: Sample | None = None
    decisions: tuple[Decision, ...] = ()
    cue: Cue | None = None


class LiveSession:
    """Measures one person before one camera. Times are the stream's own, seconds."""

    def __init__(
        self,
        facts: SourceFacts,
        terms: Terms,
        keeper: Keeper,
        count_faces: Callable[[Frame], int],
        keep_neutral: Callable[[Profile], None],
    ) -> None:
        """`keep_neutral` is given a profile whose neutral the user renewed.

        Raises BadProfileError when a profile that the user named is for other pictures; one that was chosen for
        them is then left aside.
        """
        self.facts = facts
        self.terms = terms
        self.pipeline: Pipeline | None = None
        """None while there is no neutral."""
        self._keeper, self._count_faces, self._keep_neutral = keeper, count_faces, keep_neutral
        self._guide: Guide | None = None
        self._begun = False
        self._neutral = self._fitting_neutral()

    def look(self, frame: Frame, landmarks: Landmarks, now: float) -> Look:
        """Take the next picture, and what was found in it, at a time in seconds since 1970 UTC."""
        if self._guide is None and self._neutral is None:
            self._guide = self._new_guide()
        if self._guide:
            cue = self._take_neutral(self._guide, frame, landmarks)
            if cue:
                return Look(cue=cue)
        if self.pipeline is None:
            assert self._neutral
            self.pipeline = Pipeline(self._neutral, self.terms.settings)
        if not self._begun:
            self._begun = True
            self._keeper.begin(self._session_facts(now - frame.t_s), self.terms.settings.gap_s)
        sample, decisions = self.pipeline.update(landmarks)
        self._keeper.update(sample, decisions)
        return Look(sample, tuple(decisions))

    def renew_neutral(self, t_s: float) -> None:
        """From the next picture on take a new neutral."""
        self._keeper.note(self._finish(t_s))
        self._guide, self._neutral = None, None

    def close(self, t_s: float) -> tuple[Decision, ...]:
        """End the session and return what that closed; more than once does no harm."""
        decisions = self._finish(t_s)
        self._keeper.end(t_s, decisions)
        return decisions

    def _finish(self, t_s: float) -> tuple[Decision, ...]:
        pipeline, self.pipeline = self.pipeline, None
        return tuple(pipeline.finish(t_s)) if pipeline else ()

    def _fitting_neutral(self) -> Neutral | None:
        profile = self.terms.profile
        if profile is None:
            return None
        try:
            return neutral_from(profile, self.facts.width_px, self.facts.height_px)
        except BadProfileError:
            if self.terms.chosen:
                raise
            self.terms = replace(self.terms, profile=None)
            return None

    def _new_guide(self) -> Guide:
        name = self.terms.profile.name if self.terms.profile else "session"
        made = datetime.now(timezone.utc).isoformat(timespec="seconds")
        return Guide(Setup(name, made, self.facts.camera, self.terms.settings.field_of_view_deg), STEPS[:1])

    def _take_neutral(self, guide: Guide, frame: Frame, landmarks: Landmarks) -> Cue | None:
        """Go on taking the neutral; return how far it is, None when it is there."""
        cue = guide.update(frame, landmarks, self._count_faces(frame))
        if cue:
            return cue
        try:
            taken = guide.profile()
        except UsageError:
            guide.again()
            return guide.update(frame, landmarks, 1)
        if self.terms.profile:
            taken = _renewed(self.terms.profile, taken)
            self._keep_neutral(taken)
            self.terms = replace(self.terms, profile=taken)
        self._neutral = neutral_from(taken, landmarks.width_px, landmarks.height_px)
        self._guide = None
        return None

    def _session_facts(self, started: float) -> SessionFacts:
        settings, profile = self.terms.settings, self.terms.profile
        name = profile.name if profile else None
        return SessionFacts(started, "live", self.facts.name, settings.onset_deg, settings.sensitivity.fraction, name)


def _renewed(profile: Profile, taken: Profile) -> Profile:
    """The profile with a neutral that was just taken; its thresholds stay."""
    return replace(
        taken,
        name=profile.name,
        keyboard=profile.keyboard,
        phone=profile.phone,
        onset_deg=profile.onset_deg,
        basis=profile.basis,
    )
