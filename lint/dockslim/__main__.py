"""``python -m dockslim``."""

from dockslim.start import main

if __name__ == "__main__":
    main()
