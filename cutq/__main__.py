"""``python -m cutq`` is the ``cutq`` command."""

from cutq.cli.main import main

main()
