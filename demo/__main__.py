"""`python -m demo`: serves the demo API on this machine."""

from __future__ import annotations

from demo.serving import main

if __name__ == "__main__":
    main()
