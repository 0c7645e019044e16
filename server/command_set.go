package server

import (
	"context"
	"errors"
	"sort"
	"strings"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/server/pgcatalog"
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/value"
)

// set is SET name = values.
func (s *Session) set(c *core.Set) error {
	if c.Local {
		if s.before == nil {
			s.warn(sqlerr.NoActiveTransaction, "SET LOCAL can only be used in transaction blocks")
			return nil
		}
		s.before.local[strings.ToLower(c.Name)] = true
	}
	if len(c.Values) == 0 {
		return s.resetOne(c.Name)
	}
	if strings.EqualFold(c.Name, "search_path") {
		s.path = c.Values
		return s.settings.put("search_path", quoteNames(c.Values))
	}
	err := s.put(c.Name, strings.Join(c.Values, ", "))
	if e := (*sqlerr.Error)(nil); errors.As(err, &e) {
		return e
	}
	return err
}

// quoteNames writes names as PostgreSQL shows a search path.
func quoteNames(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		plain := n != ""
		for _, r := range n {
			plain = plain && (r == '_' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9')
		}
		if out[i] = n; !plain {
			out[i] = `"` + strings.ReplaceAll(n, `"`, `""`) + `"`
		}
	}
	return strings.Join(out, ", ")
}

func (s *Session) reset(c *core.Reset) error {
	if c.Name == "all" {
		return s.resetAll()
	}
	return s.resetOne(c.Name)
}

// resetAll brings every setting back to what the session started with.
func (s *Session) resetAll() error {
	for name := range s.settings.values {
		if err := s.resetOne(name); err != nil {
			return err
		}
	}
	return nil
}

func (s *Session) resetOne(name string) error {
	x, ok := findSetting(name)
	start, started := s.settings.start[strings.ToLower(name)]
	switch {
	case x.kind == readOnlySetting && ok:
		return nil
	case started:
		return s.put(name, start)
	case !ok && strings.Contains(name, "."):
		s.settings.remove(strings.ToLower(name))
		return nil
	case !ok:
		return unrecognized(name)
	case x.name == "search_path":
		s.resetPath()
		return nil
	}
	return s.put(name, x.value)
}

// prepareShow is SHOW name and SHOW ALL.
func (s *Session) prepareShow(p *Prepared, c *core.Show) error {
	if c.Name == "all" {
		p.columns = textColumns("name", "setting", "description")
		p.cmd = func(context.Context, []value.Value) (Rows, error) {
			var rows [][]string
			for _, x := range allSettings {
				rows = append(rows, []string{x.name, s.settings.get(x.name), x.doc})
			}
			sort.Slice(rows, func(i, j int) bool { return strings.ToLower(rows[i][0]) < strings.ToLower(rows[j][0]) })
			return textRows("SHOW", p.columns, rows), nil
		}
		return nil
	}
	name := c.Name
	x, ok := findSetting(name)
	if ok {
		name = x.name
	} else if _, custom := s.settings.values[strings.ToLower(name)]; !custom {
		return unrecognized(name)
	}
	p.columns = textColumns(name)
	p.cmd = func(context.Context, []value.Value) (Rows, error) {
		return textRows("SHOW", p.columns, [][]string{{s.settings.get(name)}}), nil
	}
	return nil
}

// resetPath sets the search path to the catalog's default schema.
func (s *Session) resetPath() {
	s.path = nil
	s.settings.set("search_path", s.defaultPath())
}

// defaultPath is search_path where the client has set none.
func (s *Session) defaultPath() string { return `"$user", ` + quoteNames([]string{s.defaultSchema()}) }

func (s *Session) defaultSchema() string {
	if conn, ok := s.engine.cfg.Catalogs.Connector(s.database); ok {
		return conn.DefaultSchema()
	}
	return "public"
}

// schemas is the search path with "$user" and the catalog's default resolved.
func (s *Session) schemas() []string {
	if s.path == nil {
		return []string{s.defaultSchema()}
	}
	var out []string
	for _, n := range s.path {
		if n == "$user" {
			continue
		}
		out = append(out, n)
	}
	return out
}

// switchCatalog makes a catalog the session's database.
func (s *Session) switchCatalog(name string) error {
	if _, ok := s.engine.cfg.Catalogs.Connector(name); !ok {
		return noDatabase(name)
	}
	s.database = name
	s.resetPath()
	return nil
}

// use is Spark's USE schema, USE catalog and USE catalog.schema. The name flint
// alone means the catalog, though every catalog has a system schema of that name.
func (s *Session) use(ctx context.Context, c *core.Use) error {
	switch len(c.Name) {
	case 1:
		if _, ok := s.engine.cfg.Catalogs.Connector(c.Name[0]); ok && (c.Name[0] == pgcatalog.Flint || !s.hasSchema(ctx, s.database, c.Name[0])) {
			return s.switchCatalog(c.Name[0])
		}
		return s.useSchema(ctx, s.database, c.Name[0], c.Position)
	case 2:
		if _, ok := s.engine.cfg.Catalogs.Connector(c.Name[0]); !ok {
			return noDatabase(c.Name[0]).At(c.Position)
		}
		return s.useSchema(ctx, c.Name[0], c.Name[1], c.Position)
	}
	return sqlerr.New(sqlerr.Syntax, "improper qualified name (too many dotted names): %s", strings.Join(c.Name, ".")).At(c.Position)
}

func (s *Session) useSchema(ctx context.Context, database, schema string, position int) error {
	if !s.hasSchema(ctx, database, schema) {
		return sqlerr.New(sqlerr.InvalidSchema, "schema %q does not exist", schema).At(position)
	}
	s.database, s.path = database, []string{schema}
	return s.settings.put("search_path", quoteNames(s.path))
}

// hasSchema asks for the schema's tables, since a connector may know more
// schemas than it lists.
func (s *Session) hasSchema(ctx context.Context, database, schema string) bool {
	conn, ok := s.engine.cfg.Catalogs.Connector(database)
	if !ok {
		return false
	}
	_, err := conn.Tables(ctx, schema)
	return !errors.Is(err, catalog.ErrNotFound)
}
