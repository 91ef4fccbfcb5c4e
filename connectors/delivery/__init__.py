"""How does a file get to its recipient, whole, once and readable by nobody else?"""
