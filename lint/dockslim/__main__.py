"""``python -m dockslim``."""

from dockslim.cli import main

main()
