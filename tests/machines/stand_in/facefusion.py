"""A stand-in for FaceFusion 3.x: its command line, without its models.

`python facefusion.py run`, in its own folder. How far it goes is told in
facts/facefusion.md §1.3, §3.2, §3.3 and §3.8; over HTTP it speaks the
integration guide's API, which the real one does not. Standard library only.
"""

import sys

from stand_in.program import main  # type: ignore[import-not-found]

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
