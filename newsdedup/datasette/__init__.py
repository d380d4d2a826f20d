"""Datasette on a newsdedup database: titles, facets and questions that come with it."""
