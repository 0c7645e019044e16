// Package function is the registry of all functions and operators: signature,
// semantics and kernel side by side, one file a family.
package function

import (
	"time"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// Volatility as in PostgreSQL's CREATE FUNCTION.
type Volatility uint8

// The volatilities: Immutable calls may be folded at planning; Stable ones are
// fixed within a statement; Volatile ones are never folded, duplicated or moved.
const (
	Immutable Volatility = iota
	Stable
	Volatile
)

// Context carries what a query fixes once for all its attempts (execution.md,
// "Query context").
type Context struct {
	Now      time.Time // statement start; transaction start is the same (no snapshots)
	Location *time.Location
	User     string
	Database string
	Schemas  []string // search_path, resolved
	Settings map[string]string
	Seed     uint64
	// Catalog answers functions that look into the catalog (to_regclass,
	// pg_get_userbyid, format_type, has_table_privilege …); nil on executors.
	Catalog CatalogLookup

	draws uint64 // numbers drawn by volatile functions so far
}

// CatalogLookup is implemented by server/pgcatalog; its results are by name so
// that this package need not know the catalog's shape.
type CatalogLookup interface {
	// Lookup calls the catalog function with scalar arguments.
	Lookup(name string, args []value.Value) (value.Value, error)
}

// Kernel computes a scalar function for the rows of sel (nil = 0..n-1),
// writing result row i at position i of out, which comes as a Flat vector of
// the result type with room for n rows (variable-length results: see
// exec/vector's BytesWriter use in bytes.go of this package).
//
// Arguments are Flat or Const (never Dict). Kernels of strict functions may
// ignore validity: out.Valid is set by the caller to the conjunction of the
// arguments'; they must neither fail nor crash on the garbage beneath a NULL,
// so fallible strict kernels get a sel without NULL rows.
// A kernel reads only rows of sel, and the error it returns is about one of them.
type Kernel func(c *Context, out *vector.Vector, args []*vector.Vector, sel []int32, n int) error

// Func is one overload of a scalar function or operator.
type Func struct {
	Name       string       // "lower", or an operator such as "+", "~~" (LIKE), "<"
	Args       []types.Type // declared argument types; modifiers ignored except where Result looks at them
	Variadic   bool         // the last argument type repeats
	Result     types.Type   // declared result type, unless Infer is set
	Infer      func(args []types.Type) types.Type
	Volatility Volatility
	NotStrict  bool // sees NULLs itself
	Fallible   bool // may return an error for some values
	Kernel     Kernel
}
