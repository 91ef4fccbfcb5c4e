"""Where does data come in: the record system, the partners' inbox, people's sheets?"""
