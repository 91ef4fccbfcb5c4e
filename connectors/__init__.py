"""Where does data come from and go? Every file, socket, database, key and person."""
