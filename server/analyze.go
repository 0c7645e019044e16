package server

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/server/pgcatalog"
	"github.com/flintsql/flint/server/state"
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/lower"
	"github.com/flintsql/flint/sql/sketch"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
)

// found is a table by its full name.
type found struct {
	state.Name
	table catalog.Table
}

// analyzeTables is ANALYZE: one query a table, whose aggregates are sketches of its
// columns, so that it runs on all executors and in bounded memory.
func (s *Session) analyzeTables(ctx context.Context, c *core.Analyze) error {
	if len(c.Targets) == 0 {
		return s.analyzeSchemas(ctx, c)
	}
	for _, t := range c.Targets { // all names are checked before the first table is read
		f, err := s.find(ctx, t.Name, t.Position)
		if err == nil {
			_, err = columnPositions(f, t.Columns)
		}
		if err != nil {
			return err
		}
	}
	for _, t := range c.Targets {
		f, err := s.find(ctx, t.Name, t.Position)
		if err == nil {
			err = s.analyzeTable(ctx, f, t.Columns, c)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// analyzeSchemas is ANALYZE without names: the tables of the search path. Other schemas
// are left out, since a catalog may hold any number of them (tpch: every scale factor).
func (s *Session) analyzeSchemas(ctx context.Context, c *core.Analyze) error {
	rows, err := s.listTables(ctx, &core.ShowTables{In: c.In, Position: c.Position})
	if err != nil {
		return err
	}
	for _, r := range rows {
		name := append(append([]string(nil), c.In...), r[1])
		if len(c.In) == 0 {
			name = r
		}
		if pgcatalog.IsSystem(r[0]) {
			continue
		}
		f, err := s.find(ctx, name, c.Position)
		if err != nil {
			return err
		}
		if err := s.analyzeTable(ctx, f, nil, c); err != nil {
			return err
		}
	}
	return nil
}

// find resolves a dotted name of a table.
func (s *Session) find(ctx context.Context, name []string, position int) (found, error) {
	db, schemas, table := s.database, s.schemas(), name[len(name)-1]
	switch len(name) {
	case 2:
		schemas = name[:1]
	case 3:
		db, schemas = name[0], name[1:2]
	}
	conn, ok := s.engine.cfg.Catalogs.Connector(db)
	if !ok {
		return found{}, noDatabase(db).At(position)
	}
	if len(name) == 1 && !slices.Contains(schemas, pgcatalog.PgCatalog) {
		schemas = append([]string{pgcatalog.PgCatalog}, schemas...)
	}
	for _, sc := range schemas {
		t, err := conn.Table(ctx, sc, table)
		if err == nil {
			return found{state.Name{Catalog: db, Schema: sc, Table: table}, t}, nil
		}
		if !errors.Is(err, catalog.ErrNotFound) {
			return found{}, err
		}
	}
	return found{}, sqlerr.New(sqlerr.UndefinedTable, "relation %q does not exist", strings.Join(name, ".")).At(position)
}

// columnPositions finds columns by name; no names mean all.
func columnPositions(f found, names []string) ([]int, error) {
	fields := ordinary(f.table)
	var out []int
	if len(names) == 0 {
		for i := range fields {
			out = append(out, i)
		}
		return out, nil
	}
	seen := map[string]bool{}
	for _, n := range names {
		at := -1
		for i, x := range fields {
			if x.Name == n {
				at = i
			}
		}
		if at < 0 {
			return nil, sqlerr.New(sqlerr.UndefinedColumn, "column %q of relation %q does not exist", n, f.Table)
		}
		if seen[n] {
			return nil, sqlerr.New(sqlerr.DuplicateColumn, "column %q of relation %q appears more than once", n, f.Table)
		}
		seen[n] = true
		out = append(out, at)
	}
	return out, nil
}

// identity of a table's data, "" if it has none.
func identity(t catalog.Table) string {
	if x, ok := t.(catalog.Identified); ok {
		return x.Identity()
	}
	return ""
}

func (s *Session) analyzeTable(ctx context.Context, f found, names []string, c *core.Analyze) error {
	if pgcatalog.IsSystem(f.Schema) {
		s.warn(sqlerr.GenericWarning, "skipping %q --- cannot analyze non-tables or special system tables", f.Table)
		return nil
	}
	columns, err := columnPositions(f, names)
	if err != nil {
		return err
	}
	if c.Verbose {
		s.notices = append(s.notices, Notice{"INFO", sqlerr.New(sqlerr.SuccessfulCompletion, "analyzing %q", f.Schema+"."+f.Table)})
	}
	known, err := f.table.Stats(ctx, columns)
	if err != nil {
		return err
	}
	t := &state.Table{Identity: identity(f.table), Rows: known.Rows, Analyzed: s.engine.cfg.Now(), Columns: map[string]state.Column{}}
	if !c.NoScan {
		if err := s.sketchTable(ctx, f, columns, known, t); err != nil {
			return err
		}
	}
	s.engine.state.PutTable(f.Name, t)
	if c.Verbose {
		s.notices = append(s.notices, Notice{"INFO", sqlerr.New(sqlerr.SuccessfulCompletion, "%q: read %.0f rows, %d columns", f.Table, t.Rows, len(t.Columns))})
	}
	return nil
}

// sketchTable reads a table and puts what its columns show into t.
func (s *Session) sketchTable(ctx context.Context, f found, columns []int, known catalog.Stats, t *state.Table) error {
	fields := f.table.Schema()
	text := strings.Builder{}
	text.WriteString("SELECT pg_catalog.count(*)")
	bounded := map[int]bool{}
	for _, c := range columns {
		name := quoteIdent(fields[c].Name)
		text.WriteString(", " + function.ColumnSketch + "(" + name + ")")
		if st := known.Columns[c]; (st.Min == nil || st.Max == nil) && hasBounds(fields[c].Type) {
			bounded[c] = true
			text.WriteString(", pg_catalog.min(" + name + "), pg_catalog.max(" + name + ")")
		}
	}
	text.WriteString(" FROM " + quoteIdent(f.Catalog) + "." + quoteIdent(f.Schema) + "." + quoteIdent(f.Table))
	st, err := lower.Lower(text.String())
	if err != nil {
		return err
	}
	q := &Prepared{stmt: st}
	if err := s.bind(ctx, q, nil); err != nil {
		return err
	}
	row, err := s.oneRow(ctx, q)
	if err != nil {
		return err
	}
	t.Rows = float64(row[0].I)
	row = row[1:]
	for _, c := range columns {
		x, err := sketch.ParseColumn([]byte(row[0].S), fields[c].Type)
		if err != nil {
			return err
		}
		row = row[1:]
		stats := state.Summarize(x, fields[c].Type, isOrdered(fields[c].Type))
		if bounded[c] {
			if lo, hi := row[0], row[1]; !lo.Null && !hi.Null {
				lo.Type, hi.Type = fields[c].Type, fields[c].Type
				stats.Min, stats.Max = &lo, &hi
			}
			row = row[2:]
		} else {
			stats.Min, stats.Max = known.Columns[c].Min, known.Columns[c].Max
		}
		stats.Unique = known.Columns[c].Unique
		t.Columns[fields[c].Name] = state.Column{Type: fields[c].Type, Stats: stats}
	}
	return nil
}

func quoteIdent(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// hasBounds tells types that min and max take.
func hasBounds(t types.Type) bool {
	return isOrdered(t) && t.Kind != types.Bool && t.Kind != types.Array && !t.IsReg() && t.Kind <= types.UUID && t.Kind != types.QChar && t.Kind != types.Name
}

// isOrdered tells types whose values can be sorted.
func isOrdered(t types.Type) bool {
	switch t.Kind {
	case types.JSON, types.JSONB, types.Record, types.Unknown, types.Void, types.AnyElement:
		return false
	}
	return true
}

// scanStats are the statistics that a scan is planned by: what its connector knows,
// and beyond that what ANALYZE found out, as long as the table is the one that was analyzed.
func (e *Engine) scanStats(ctx context.Context, x *logical.Scan) (catalog.Stats, error) {
	st, err := x.Table.Stats(ctx, x.Ordinals)
	if err != nil {
		return st, err
	}
	known := e.analyzed(x.Catalog, x.SchemaName, x.Name, x.Table)
	if known == nil {
		return st, nil
	}
	if !st.Exact {
		st.Rows = known.Rows
	}
	if st.Columns == nil {
		st.Columns = map[int]catalog.ColumnStats{}
	}
	fields := x.Table.Schema()
	for _, c := range x.Ordinals {
		k, ok := known.Columns[fields[c].Name]
		if !ok || k.Type != fields[c].Type {
			continue
		}
		st.Columns[c] = withAnalyzed(st.Columns[c], k.Stats)
	}
	return st, nil
}

// analyzed returns what ANALYZE found out about a table as it is now; nil if nothing.
func (e *Engine) analyzed(catalogName, schema, name string, t catalog.Table) *state.Table {
	known := e.state.Table(state.Name{Catalog: catalogName, Schema: schema, Table: name})
	if known == nil || known.Identity != identity(t) {
		return nil
	}
	return known
}

// withAnalyzed adds what ANALYZE found out about a column.
func withAnalyzed(c, a catalog.ColumnStats) catalog.ColumnStats {
	c.Distinct, c.NullFrac, c.Common, c.Histogram = a.Distinct, a.NullFrac, a.Common, a.Histogram
	if a.Width > 0 {
		c.Width = a.Width
	}
	if c.Min == nil || c.Max == nil {
		c.Min, c.Max = a.Min, a.Max
	}
	return c
}
