"""`python -m newsdedup`: the same as the `newsdedup` command."""

from newsdedup.cli import main

if __name__ == "__main__":
    main()
