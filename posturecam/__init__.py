"""posturecam: how far the head is bent down, in degrees, and a word when that lasts."""

__version__ = "0.1.0"
