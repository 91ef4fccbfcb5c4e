"""What do people see of a night?

The morning's page, the worklist and the meeting pack: tables in, bytes out, the same bytes for the same tables.
`contents.Contents` holds the rows (columns: the contracts of their tables); `page.page` and `pack.html` give HTML in
UTF-8, `pdf.pdf` PDF, `worklist.worklist` XLSX.
"""
