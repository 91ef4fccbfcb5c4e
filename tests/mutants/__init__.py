"""Would a test notice if a rule were changed? Every small change of the rule modules is made, and the tests run."""
