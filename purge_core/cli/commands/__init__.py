"""The commands as they are typed: their options, their help, and what each calls."""
