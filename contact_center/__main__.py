"""``python -m contact_center`` is the program ``contact-center``."""

from contact_center.cli import main

main(prog_name="contact-center")
