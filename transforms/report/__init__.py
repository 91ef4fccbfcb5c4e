"""What do people see of a night?

The morning's page, the worklist and the meeting pack: tables in, bytes out, the same bytes for the same tables.
"""
