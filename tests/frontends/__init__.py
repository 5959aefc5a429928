"""Real front-ends, each in an environment of its own: what they show of every kind of output.

    python -m tests.frontends                 # all of them, into docs/frontends.md
    python -m tests.frontends marimo gradio   # these rows alone

`hosts` says how each front-end is started and what is opened in it, `sources` what it shows,
`look` looks at its page as a user does, `table` writes the document. Screenshots, light and dark,
are left in build/frontends.
"""
