"""One file a revision. They never change after a release."""
