"""What stands behind `make`: each module is one command or what several of them share; the Makefile only names them."""
