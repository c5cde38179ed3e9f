"""The guide's checklist, layer by layer, as lines for people and programs.

Nothing is judged here a second time: a line takes over what its look says,
and adds the facts that a person at the machine would look up.
"""
