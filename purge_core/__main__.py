"""``python -m purge_core``: the same as ``acr-purge``."""

import sys

from purge_core.cli import main

sys.exit(main())
