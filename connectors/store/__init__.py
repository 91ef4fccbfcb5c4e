"""Where does everything of a data home lie, and how is it kept?"""
