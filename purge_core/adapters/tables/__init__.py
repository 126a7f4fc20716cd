"""The store's tables: keys, columns, single calls, and one module for each part of the port."""
