"""`python -m helicli`."""

from helicli.cli.main import main

if __name__ == "__main__":
    main()
