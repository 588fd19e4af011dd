"""helicli: a local proxy that logs, prices and lets you search every LLM call."""

__version__ = "0.1.0"
