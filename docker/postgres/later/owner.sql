-- For a register that was made before its tables had an owner of their own. Once, as the server's superuser, in the
-- register's database, with no night at work:
--   psql -v ON_ERROR_STOP=1 -v pipeline=register -v owner=register_owner -v password=... -d register -f owner.sql
-- then `clvt upgrade` with CLVT_REGISTER_OWNER, which gives the pipeline's role back what it needs: to read and to add.
CREATE ROLE :"owner" LOGIN PASSWORD :'password';
REASSIGN OWNED BY :"pipeline" TO :"owner";
ALTER DATABASE :"DBNAME" OWNER TO :"owner";
GRANT CONNECT ON DATABASE :"DBNAME" TO :"pipeline";
