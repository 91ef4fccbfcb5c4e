"""What stands in for a force and its partners where there are none: invented data, and partners that receive it."""
