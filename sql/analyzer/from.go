package analyzer

import (
	"errors"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// from binds the FROM clause into k.src.
func (b *binder) from(refs *ast.TableRefsClause, k *block) error {
	if refs == nil || refs.TableRefs == nil {
		k.src = &source{plan: oneRow()}
		return nil
	}
	b.froms = append(b.froms, k)
	src, err := b.fromItem(refs.TableRefs, k, nil)
	b.froms = b.froms[:len(b.froms)-1]
	if err != nil {
		return err
	}
	k.src, k.index = src, nil
	return nil
}

// fromItem binds a join or a single item; left is what LATERAL may refer to.
func (b *binder) fromItem(n ast.ResultSetNode, k *block, left []*source) (*source, error) {
	if err := b.enter(); err != nil {
		return nil, err
	}
	defer b.leave()
	switch x := n.(type) {
	case *ast.Join:
		if x.Right == nil {
			return b.fromItem(x.Left, k, left)
		}
		return b.join(x, k, left)
	case *ast.TableSource:
		if j, ok := x.Source.(*ast.Join); ok {
			return b.fromItem(j, k, left)
		}
		return b.tableSource(x, k, left)
	}
	return nil, b.errorAt(n, sqlerr.Internal, "unknown item in FROM: %T", n)
}

func (b *binder) tableSource(t *ast.TableSource, k *block, left []*source) (*source, error) {
	f := core.FromOf(t)
	var src *source
	var err error
	switch {
	case f.Table != nil:
		src, err = b.table(f, k)
	case f.Query != nil:
		src, err = b.subqueryItem(f, k, left)
	default:
		src, err = b.functionItem(t, f, k, left)
	}
	if err != nil {
		return nil, err
	}
	return src, b.addRelation(src, f, k)
}

// addRelation applies a column list and checks the alias against the others.
func (b *binder) addRelation(src *source, f core.From, k *block) error {
	r := src.rels[0]
	if len(f.Columns) > len(src.cols) {
		return sqlerr.New(sqlerr.InvalidColumnReference, "table \"%s\" has %d columns available but %d columns specified",
			r.alias, len(src.cols), len(f.Columns))
	}
	for i, c := range f.Columns {
		src.cols[i].name = c
	}
	r.cols = src.cols
	for _, o := range k.seen {
		if r.alias != "" && o.alias == r.alias && (r.schema == "" || o.schema == "" || r.schema == o.schema && r.catalog == o.catalog) {
			return sqlerr.New(sqlerr.DuplicateAlias, "table name \"%s\" specified more than once", r.alias)
		}
	}
	k.seen = append(k.seen, r)
	return nil
}

// newSource makes the source of one relation.
func newSource(plan logical.Node, r *relation, cols []logical.Column) *source {
	src := &source{plan: plan, rels: []*relation{r}, cols: make([]visible, len(cols))}
	for i, c := range cols {
		src.cols[i] = visible{name: c.Field.Name, rel: r, col: c}
	}
	return src
}

func (b *binder) subqueryItem(f core.From, k *block, left []*source) (*source, error) {
	parent, view := k.parent, (*block)(nil)
	if f.Lateral {
		view = k.over(concat(left), inSelect)
		parent = view
	}
	plan, err := b.query(f.Query, parent, k.with, false)
	if err != nil {
		return nil, err
	}
	r := &relation{alias: f.Alias}
	if core.IsAnonymous(f.Alias) {
		r.alias = ""
	}
	src := newSource(plan, r, plan.Schema())
	src.lateral = view != nil && view.src.lateral
	return src, nil
}

// concat is what several sources make visible together; it has no plan.
func concat(parts []*source) *source {
	out := &source{}
	for _, s := range parts {
		out.rels = append(out.rels, s.rels...)
		out.cols = append(out.cols, s.cols...)
	}
	return out
}

// table binds a table, view or CTE name.
func (b *binder) table(f core.From, k *block) (*source, error) {
	parts := append(core.UnpackName(f.Table.Schema.O), core.UnpackName(f.Table.Name.O)...)
	r := &relation{alias: f.Alias, table: parts[len(parts)-1]}
	if r.alias == "" {
		r.alias = parts[len(parts)-1]
	}
	if len(parts) == 1 {
		c, err := k.with.lookup(parts[0], b, f.Table)
		if err != nil {
			return nil, err
		}
		if c != nil {
			n := b.reuse(c)
			return newSource(n, r, n.Cols), nil
		}
	}
	return b.catalogTable(f, parts, r)
}

// catalogTable resolves a name in the catalogs.
func (b *binder) catalogTable(f core.From, parts []string, r *relation) (*source, error) {
	if len(parts) > 3 {
		return nil, b.errorAt(f.Table, sqlerr.Syntax, "improper qualified name (too many dotted names): %s", qualifiedName(parts))
	}
	catName, paths := b.s.Database, b.searchPath()
	name := parts[len(parts)-1]
	if len(parts) > 1 {
		paths = parts[len(parts)-2 : len(parts)-1]
	}
	if len(parts) == 3 {
		catName = parts[0]
	}
	if _, ok := b.s.Catalogs.Connector(catName); !ok {
		return nil, b.errorAt(f.Table, sqlerr.InvalidDatabase, "database \"%s\" does not exist", catName)
	}
	for _, schema := range paths {
		conn, home, ok := b.connector(catName, schema)
		if !ok {
			continue
		}
		src, err := b.tableIn(conn, home, schema, name, f, r)
		if src != nil || err != nil {
			return src, err
		}
	}
	return nil, b.unknownTable(catName, f, parts)
}

// connector gives the connector that has a schema of a catalog, and its name.
func (b *binder) connector(catName, schema string) (catalog.Connector, string, bool) {
	if (schema == "pg_catalog" || schema == "information_schema") && b.s.SystemCatalog != "" {
		catName = b.s.SystemCatalog
	}
	c, ok := b.s.Catalogs.Connector(catName)
	return c, catName, ok
}

// hasSchema reports whether a catalog has a schema.
func (b *binder) hasSchema(catName, schema string) bool {
	c, _, ok := b.connector(catName, schema)
	if !ok {
		return false
	}
	_, err := c.Tables(b.ctx, schema)
	return !errors.Is(err, catalog.ErrNotFound)
}

// searchPath is the session's path with the implicit pg_catalog in front.
func (b *binder) searchPath() []string {
	for _, s := range b.s.SearchPath {
		if s == "pg_catalog" {
			return b.s.SearchPath
		}
	}
	return append([]string{"pg_catalog"}, b.s.SearchPath...)
}

// tableIn looks into one schema; nil, nil if the table isn't there.
func (b *binder) tableIn(conn catalog.Connector, catName, schema, name string, f core.From, r *relation) (*source, error) {
	if b.s.View != nil {
		v, ok, err := b.s.View(b.ctx, schema, name)
		if err != nil {
			return nil, sqlerr.From(err).At(b.pos(f.Table))
		}
		if ok {
			return b.view(v, f, r)
		}
	}
	t, err := conn.Table(b.ctx, schema, name)
	if errors.Is(err, catalog.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, sqlerr.From(err).At(b.pos(f.Table))
	}
	if f.Alias == "" || f.Alias == name {
		r.catalog, r.schema = catName, schema
	}
	return b.scan(&logical.Scan{Catalog: catName, SchemaName: schema, Name: name, Alias: r.alias, Table: t}, r), nil
}

// scan completes a scan of all columns.
func (b *binder) scan(n *logical.Scan, r *relation) *source {
	n.Limit = -1
	for i, field := range n.Table.Schema() {
		c := logical.Column{ID: b.ids.Next(), Field: field}
		n.Cols = append(n.Cols, c)
		n.Ordinals = append(n.Ordinals, i)
		b.exact.Add(c.ID)
		b.origins[c.ID] = &Origin{n.Catalog, n.SchemaName, n.Name, i + 1}
	}
	src := newSource(n, r, n.Cols)
	if t, ok := n.Table.(SystemColumns); ok {
		for i := len(src.cols) - t.SystemColumns(); i < len(src.cols); i++ {
			src.cols[i].system = true
		}
	}
	return src
}

// view binds a view's query in its own names.
func (b *binder) view(v View, f core.From, r *relation) (*source, error) {
	if err := b.enter(); err != nil {
		return nil, err
	}
	defer b.leave()
	s, q := *b.s, b.q
	s.SearchPath = v.SearchPath
	outer := b.s
	b.s, b.q = &s, v.Query
	b.views++
	plan, err := b.query(v.Query.Node, nil, nil, false)
	b.views--
	b.s, b.q = outer, q
	if err != nil {
		return nil, sqlerr.From(err).At(b.pos(f.Table))
	}
	src := newSource(plan, r, plan.Schema())
	for i, c := range v.Columns {
		if i < len(src.cols) {
			src.cols[i].name = c
		}
	}
	return src, nil
}

func (b *binder) unknownTable(catName string, f core.From, parts []string) error {
	if len(parts) == 3 && !b.hasSchema(catName, parts[1]) {
		return b.errorAt(f.Table, sqlerr.InvalidSchema, "schema \"%s\" does not exist", parts[1])
	}
	return b.errorAt(f.Table, sqlerr.UndefinedTable, "relation \"%s\" does not exist", qualifiedName(parts))
}
