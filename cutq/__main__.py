"""``python -m cutq`` is the ``cutq`` command."""

from cutq.cli import main

main()
