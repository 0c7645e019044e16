// Package analyzer binds a query: it resolves the names, overloads and types of
// a core tree against the catalogs and gives a logical plan.
//
// A SELECT is bound as one block (block.go): FROM first, then every expression
// over FROM's columns. Aggregates, window calls, set-returning calls and subqueries
// met on the way are collected in the block and stand as columns in the expressions; build.go
// then stacks the plan in the order of SQL's clauses, and rewrites what stands above the aggregation in
// terms of its groups.
package analyzer

import (
	"context"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
	"github.com/pingcap/tidb/pkg/parser/ast"
)

// Catalogs are the catalogs that a session can name.
type Catalogs interface {
	// Connector returns the connector of a catalog.
	Connector(name string) (catalog.Connector, bool)
	// Names lists the catalogs, sorted.
	Names() []string
}

// TableFunctionConnector is a connector with table functions of its own, such
// as read_parquet('glob'). TableFunction returns catalog.ErrNotFound for a name it does not know.
type TableFunctionConnector interface {
	TableFunction(ctx context.Context, name string, args []value.Value) (catalog.Table, error)
}

// SystemColumns is a table whose last columns, as many as it says, can be
// named but are not part of *.
type SystemColumns interface{ SystemColumns() int }

// Session is what binding needs to know of a session.
type Session struct {
	Catalogs   Catalogs
	Database   string   // the current catalog
	SearchPath []string // resolved; pg_catalog is searched first unless it is listed
	// SystemCatalog names the catalog whose connector has pg_catalog and
	// information_schema, whatever the current catalog; "" if each connector has its own.
	SystemCatalog string
	// Params are the declared types of $1…; types.Unknown and missing ones are inferred.
	Params  []types.Type
	Context *function.Context
	// View returns the definition of a view, or ok = false. It may be nil.
	View func(ctx context.Context, schema, name string) (View, bool, error)
}

// View is a view's definition: its query is bound with the search path of its
// creation, and its columns are renamed.
type View struct {
	Query      *core.Query
	SearchPath []string
	Columns    []string
}

// Output describes a column of the result, as RowDescription wants it.
type Output struct {
	Name   string
	Type   types.Type
	TypMod int32   // -1 if none
	Origin *Origin // the table's column that this is, nil if it is computed
}

// Origin names a column of a table.
type Origin struct {
	Catalog, Schema, Table string
	Column                 int // from 1
}

// Result is a bound query.
type Result struct {
	Plan    logical.Node // its schema is Columns, in order
	Columns []Output
	IDs     *logical.IDs
	Params  []types.Type // all parameters, none of them unknown
}

// Bind binds the statement's query. Errors are *sqlerr.Error with a position in the
// client's text.
func Bind(ctx context.Context, st *core.Statement, s *Session) (*Result, error) {
	if st.Query == nil {
		return nil, sqlerr.New(sqlerr.Internal, "statement is not a query")
	}
	return BindQuery(ctx, st.Query, st.Params, s)
}

// BindQuery binds a query with the parameters $1…$params.
func BindQuery(ctx context.Context, q *core.Query, params int, s *Session) (*Result, error) {
	b := &binder{
		ctx: ctx, s: s, q: q, reg: registry{}, ids: &logical.IDs{},
		params: make([]types.Type, max(params, len(s.Params))),
		refs:   map[*expr.Column]reference{}, consts: map[*expr.Literal]ast.Node{}, exact: expr.ColumnSet{}, origins: map[expr.ColumnID]*Origin{}, operators: map[operatorKey]resolved{},
	}
	copy(b.params, s.Params)
	plan, err := b.query(q.Node, nil, nil, false)
	if err != nil {
		return nil, err
	}
	return b.finish(plan)
}

// binder is the state of binding one statement.
type binder struct {
	ctx       context.Context
	s         *Session
	q         *core.Query // the text being bound, for positions: the statement's or a view's
	reg       registry
	ids       *logical.IDs
	params    []types.Type
	open      []int    // parameters met before their type was known
	froms     []*block // blocks whose FROM clause is being bound, for error messages
	depth     int
	reuses    int
	views     int
	refs      map[*expr.Column]reference // where each column reference was written
	consts    map[*expr.Literal]ast.Node // where each untyped constant was written
	origins   map[expr.ColumnID]*Origin  // of columns that are tables'
	exact     expr.ColumnSet             // columns whose type modifier was declared
	operators map[operatorKey]resolved
	track     *[]*block // blocks that column references resolved to, see aggregate.go
}

// reference is a column as the client wrote it. Positions are computed for
// errors only: each costs a pass over the text.
type reference struct {
	node      ast.Node // nil within a view
	rel, name string
}

// maxDepth limits the nesting of expressions and queries. The lowering's limit on the text
// is lower; this one also counts views.
const maxDepth = 20000

func (b *binder) enter() error {
	if b.depth++; b.depth > maxDepth {
		return sqlerr.New(sqlerr.StatementTooComplex, "stack depth limit exceeded").
			WithHint("Increase the configuration parameter \"max_stack_depth\" (currently 2048kB), after ensuring the platform's stack depth limit is adequate.")
	}
	return nil
}

func (b *binder) leave() { b.depth-- }

// typMod is pg_attribute.atttypmod of a type.
func typMod(t types.Type) int32 {
	switch {
	case t.Precision == 0:
		return -1
	case t.Kind == types.Numeric || t.Kind == types.Array && t.Elem == types.Numeric:
		return int32(t.Precision)<<16 | int32(t.Scale) + 4
	}
	return int32(t.Precision) + 4
}
