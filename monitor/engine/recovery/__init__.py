"""Recovery: plans, changes and what carries them out."""
