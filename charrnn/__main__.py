"""`python -m charrnn` is the same as `charrnn`."""

from charrnn.cli.app import main

main()
