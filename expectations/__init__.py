"""What must data look like, and who may have it?"""
