"""Reading of what the ACL service answers: text in, Arrow or a named error out.

Nothing here sends a request, and nothing here decides whether a day is complete.
"""
