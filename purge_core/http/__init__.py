"""The app's HTTP interface, free of any framework: requests in, answers out."""
