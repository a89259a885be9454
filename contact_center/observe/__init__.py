"""What the program tells about itself: logs, metrics and traces, none with personal data.

`facts` has the names that may be told; `logs`, `metrics` and `tracing` are independent of each other;
`scraping` says who may read the metrics.
"""
