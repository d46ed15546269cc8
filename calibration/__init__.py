"""Personal baselines: numbers and time in, numbers out. Knows no camera and imports nothing of posturecam."""
