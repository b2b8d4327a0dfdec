"""The templates as Jinja compiles them: written by ``scripts/compile_templates.py``, held by a test.

Compiling takes longer than everything else that a small ``verify`` does. A module here counts only
for the very source beside it and the Jinja that wrote it; else the source is compiled (see
``edges/render.py``), so the templates stay what decides.
"""
