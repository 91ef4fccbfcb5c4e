"""What was decided, sent, received and done with personal data?"""
