"""Signing in to the desk with e-mail address and password, and the cookie that says who it is.

`passwords` hashes, `cookie` reads and guards the cookie, `routes` signs in and out, `watch` turns out of open
sockets whoever may not be there any more, `first` makes the first administrator's password.
"""
