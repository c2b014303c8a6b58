"""``python -m shapeflow.ops``: what is done with each operation of the installed torch."""

from ..inventory import main

if __name__ == "__main__":
    raise SystemExit(main())
