"""How does one table become the next? Pure functions: tables in, tables out; `as_of` is an argument."""
