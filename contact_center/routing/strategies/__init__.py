"""Which agent gets the work, a file each; the table is `contact_center.routing.STRATEGIES`."""
