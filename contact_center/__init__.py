"""The running contact centre: channels in front, the conductor in the middle, the store behind.

Start reading at `contact_center.app` (what there is) and `contact_center.conductor` (what happens
to one delivery); docs/architecture.md follows a call through both.
"""
