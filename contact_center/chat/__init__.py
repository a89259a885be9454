"""The web chat: browsers on a socket, their visitors, files, and the pages that they are served."""
