"""A fake upstream that speaks as many providers do, and traffic for it.

Owns what lets helicli be shown and tested without a key and without a network. Everything it says is a function of what
it was asked. It must never be imported on the road of a real call.
"""
