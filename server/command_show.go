package server

import (
	"context"
	"errors"
	"strings"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/analyzer"
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// prepareShowTables is Spark's SHOW TABLES, SCHEMAS, VIEWS, COLUMNS and
// FUNCTIONS.
func (s *Session) prepareShowTables(p *Prepared, c *core.ShowTables) error {
	var list func(ctx context.Context) ([][]string, error)
	switch c.What {
	case "tables", "views":
		p.columns = textColumns("namespace", "tableName")
		list = func(ctx context.Context) ([][]string, error) { return s.listTables(ctx, c) }
	case "schemas":
		p.columns = textColumns("namespace")
		list = s.listSchemas
	case "columns":
		p.columns = textColumns("col_name")
		list = func(ctx context.Context) ([][]string, error) {
			fields, err := s.fields(ctx, c.In, c.Position)
			var rows [][]string
			for _, f := range fields {
				rows = append(rows, []string{f.Name})
			}
			return rows, err
		}
	default:
		return sqlerr.New(sqlerr.FeatureNotSupported, "SHOW %s is not supported", strings.ToUpper(c.What))
	}
	p.cmd = func(ctx context.Context, _ []value.Value) (Rows, error) {
		rows, err := list(ctx)
		if err != nil {
			return nil, err
		}
		kept := rows[:0:0]
		for _, r := range rows {
			if likeStar(c.Like, r[len(r)-1]) {
				kept = append(kept, r)
			}
		}
		return textRows("SHOW", p.columns, kept), nil
	}
	return nil
}

// likeStar matches Spark's SHOW patterns: * (or %) stands for anything, | separates
// alternatives, case does not matter; an empty pattern matches all.
func likeStar(pattern, name string) bool {
	if pattern == "" {
		return true
	}
	for _, alt := range strings.Split(strings.ToLower(strings.ReplaceAll(pattern, "%", "*")), "|") {
		if matchStar(alt, strings.ToLower(name)) {
			return true
		}
	}
	return false
}

func matchStar(p, s string) bool {
	parts := strings.Split(p, "*")
	if len(parts) == 1 {
		return p == s
	}
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s = s[len(parts[0]):]
	last := parts[len(parts)-1]
	for _, x := range parts[1 : len(parts)-1] {
		i := strings.Index(s, x)
		if i < 0 {
			return false
		}
		s = s[i+len(x):]
	}
	return strings.HasSuffix(s, last)
}

func (s *Session) listSchemas(ctx context.Context) ([][]string, error) {
	conn, _ := s.engine.cfg.Catalogs.Connector(s.database)
	names, err := conn.Schemas(ctx)
	var rows [][]string
	for _, n := range names {
		rows = append(rows, []string{n})
	}
	return rows, err
}

func (s *Session) listTables(ctx context.Context, c *core.ShowTables) ([][]string, error) {
	db, schemas := s.database, s.schemas()
	switch len(c.In) {
	case 1:
		schemas = c.In
	case 2:
		db, schemas = c.In[0], c.In[1:]
	}
	conn, ok := s.engine.cfg.Catalogs.Connector(db)
	if !ok {
		return nil, noDatabase(db).At(c.Position)
	}
	var rows [][]string
	for _, sc := range schemas {
		names, err := conn.Tables(ctx, sc)
		if errors.Is(err, catalog.ErrNotFound) {
			if len(c.In) == 0 {
				continue
			}
			return nil, sqlerr.New(sqlerr.InvalidSchema, "schema %q does not exist", sc).At(c.Position)
		}
		if err != nil {
			return nil, err
		}
		for _, n := range names {
			rows = append(rows, []string{sc, n})
		}
	}
	return rows, nil
}

// fields looks a table up by its dotted name.
func (s *Session) fields(ctx context.Context, name []string, position int) ([]types.Field, error) {
	db, schemas, table := s.database, s.schemas(), name[len(name)-1]
	switch len(name) {
	case 2:
		schemas = name[:1]
	case 3:
		db, schemas = name[0], name[1:2]
	}
	conn, ok := s.engine.cfg.Catalogs.Connector(db)
	if !ok {
		return nil, noDatabase(db).At(position)
	}
	for _, sc := range schemas {
		t, err := conn.Table(ctx, sc, table)
		if err == nil {
			return ordinary(t), nil
		}
		if !errors.Is(err, catalog.ErrNotFound) {
			return nil, err
		}
	}
	return nil, sqlerr.New(sqlerr.UndefinedTable, "relation %q does not exist", strings.Join(name, ".")).At(position)
}

// prepareDescribe is Spark's DESCRIBE of a table or a query.
func (s *Session) prepareDescribe(ctx context.Context, p *Prepared, c *core.Describe) error {
	p.columns = textColumns("col_name", "data_type", "nullable")
	p.cmd = func(ctx context.Context, _ []value.Value) (Rows, error) {
		var rows [][]string
		if c.Query != nil {
			q := &Prepared{text: p.text, stmt: c.Query}
			if err := s.bind(ctx, q, nil); err != nil {
				return nil, err
			}
			for _, col := range q.columns {
				rows = append(rows, []string{col.Name, col.Type.Format(), ""})
			}
			return textRows("DESCRIBE", p.columns, rows), nil
		}
		fields, err := s.fields(ctx, c.Name, c.Position)
		if err != nil {
			return nil, err
		}
		for _, f := range fields {
			null := "not null"
			if f.Nullable {
				null = ""
			}
			rows = append(rows, []string{f.Name, f.Type.Format(), null})
		}
		return textRows("DESCRIBE", p.columns, rows), nil
	}
	return nil
}

// ordinary are the columns of a table that * means.
func ordinary(t catalog.Table) []types.Field {
	fs := t.Schema()
	if s, ok := t.(analyzer.SystemColumns); ok {
		fs = fs[:len(fs)-s.SystemColumns()]
	}
	return fs
}
