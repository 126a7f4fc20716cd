"""Pages for people: HTML of the overview, a run, a repository, an image. Values in, text out."""
