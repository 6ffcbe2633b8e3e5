"""
Figures beside their rivals, measured in one run.

`docs/performance.md` says how to read them.
"""
