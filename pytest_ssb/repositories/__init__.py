"""Looks into local git repositories, which are only ever read: nothing in them is run, and nothing outside of them is opened."""
