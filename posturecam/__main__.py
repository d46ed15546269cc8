"""`python -m posturecam` is the same as `posturecam`."""

from posturecam.cli import main

if __name__ == "__main__":
    main()
