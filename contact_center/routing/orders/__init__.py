"""Which work goes first, a file each; the table is `contact_center.routing.ORDERS`."""
