"""`python -m aggregator`, and the console script."""

import sys


def main() -> None:
    """The command line; Ctrl-C while the libraries are still being loaded ends it as one later does."""
    try:
        from aggregator.cli import main as run  # noqa: PLC0415 - what takes long is loaded here, see above
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
