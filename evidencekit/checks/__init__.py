"""The checks: each one question about what an examination found.

A check reads nothing further and knows nothing of the others. ``verifier.CHECKS`` is their order.
"""
