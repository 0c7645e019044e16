package pgcatalog

import (
	"context"

	"github.com/flintsql/flint/catalog"
)

// fill makes the rows of a table.
type fill func(s *snapshot, w *rows, only []int64) error

// fills lists the tables that have rows, by qualified name; all others are
// empty, since Flint has nothing that they could show.
var fills = map[string]fill{
	"pg_catalog.pg_namespace":                            fillNamespace,
	"pg_catalog.pg_class":                                fillClass,
	"pg_catalog.pg_attribute":                            fillAttribute,
	"pg_catalog.pg_type":                                 fillType,
	"pg_catalog.pg_database":                             fillDatabase,
	"pg_catalog.pg_roles":                                fillRoles,
	"pg_catalog.pg_authid":                               fillRoles,
	"pg_catalog.pg_user":                                 fillUsers,
	"pg_catalog.pg_shadow":                               fillUsers,
	"pg_catalog.pg_tablespace":                           fillTablespace,
	"pg_catalog.pg_am":                                   fillAccessMethod,
	"pg_catalog.pg_language":                             fillLanguage,
	"pg_catalog.pg_collation":                            fillCollation,
	"pg_catalog.pg_proc":                                 fillProc,
	"pg_catalog.pg_aggregate":                            fillAggregate,
	"pg_catalog.pg_operator":                             fillOperator,
	"pg_catalog.pg_cast":                                 fillCast,
	"pg_catalog.pg_settings":                             fillSettings,
	"pg_catalog.pg_tables":                               fillPgTables,
	"pg_catalog.pg_views":                                fillPgViews,
	"pg_catalog.pg_stats":                                fillStats,
	"pg_catalog.pg_statistic":                            fillStatistic,
	"pg_catalog.pg_stat_activity":                        fillActivity,
	"pg_catalog.pg_stat_all_tables":                      fillStatTables(anyTable),
	"pg_catalog.pg_stat_user_tables":                     fillStatTables(userTable),
	"pg_catalog.pg_stat_sys_tables":                      fillStatTables(systemTable),
	"pg_catalog.pg_stat_database":                        fillStatDatabase,
	"flint.memory":                                       fillMemory,
	"information_schema.schemata":                        fillSchemata,
	"information_schema.tables":                          fillInfoTables,
	"information_schema.views":                           fillInfoViews,
	"information_schema.columns":                         fillInfoColumns,
	"information_schema.routines":                        fillRoutines,
	"information_schema.enabled_roles":                   fillEnabledRoles,
	"information_schema.character_sets":                  fillCharacterSets,
	"information_schema.information_schema_catalog_name": fillCatalogName,
	"information_schema.table_privileges":                fillTablePrivileges,
	"information_schema.role_table_grants":               fillTablePrivileges,
}

func (c *Connector) open(ctx context.Context, p payload, req catalog.ReadRequest) (catalog.Reader, error) {
	r, ok := findRelation(p.Schema, p.Name)
	if !ok {
		return nil, catalog.ErrNotFound
	}
	w := newRows(r, req)
	if f, ok := fills[p.Schema+"."+p.Name]; ok {
		if err := f(c.snapshot(ctx, p.State), w, p.Only); err != nil {
			return nil, err
		}
	}
	return w.reader(req.Account)
}
