// Package pgcatalog is pg_catalog, information_schema and flint: schemas that
// Wrap adds to a catalog's connector and that describe it, and the answers to
// functions that look into the catalog.
//
// The tables' shapes are PostgreSQL 15's and stand in relations.txt; fill.go
// lists what is known of their rows, and every other table is empty. Rows are
// made when a table is scanned. They describe schemas that the connector lists,
// and those that a client has used.
package pgcatalog
