"""How fast a registry is asked: quotas, a limiter per kind of request, patience."""
