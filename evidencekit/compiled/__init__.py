"""The templates as Jinja compiles them: written by ``scripts/compile_templates.py``, held by a test.

Jinja takes as long to import, and again to compile them, as all else that a small ``verify`` does. A
module here counts only for the very source beside it; else Jinja reads the source (see
``edges/render.py``), so the templates stay what decides.
"""
