"""The stores on MongoDB: the only place that imports its driver."""
