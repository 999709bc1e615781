"""What can be computed about genes without a database: values in, values out.

Nothing in this package imports Django, touches a file or reads a clock.
"""
