"""The one engine behind every table of the product: filter, sort, columns, views, editing, bulk actions, export.

A part declares a ``ListKind`` by the hook ``lists`` and shows it with ``list_page``; everything else is done here.
"""
