"""`python -m newsdedup`: the same as the `newsdedup` command."""

from newsdedup.start import main

if __name__ == "__main__":
    main()
