"""The pages, one function each: ask, build a view, render."""
