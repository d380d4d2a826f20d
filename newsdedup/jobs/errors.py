"""The one error of the jobs: something the user can mend."""

from __future__ import annotations


class JobError(Exception):
    """A job cannot go on; the message says why and what to do next."""
