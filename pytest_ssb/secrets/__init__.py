"""Finds secrets in variables and texts, and tells where they are and what found them; never what they are."""
