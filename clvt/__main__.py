"""`python -m clvt` is `clvt`."""

import sys

from clvt.command import main

sys.exit(main())
