"""What are the steps of the register, in the order of their numbers?"""
