"""``python -m glassnet``"""

from glassnet.cli import main

main()
