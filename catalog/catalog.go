// Package catalog is what a data source must offer to be queried: connectors
// with schemas and tables, splits that tasks read, and statistics.
//
// A Postgres database is a catalog; a catalog is one connector instance.
package catalog

import (
	"context"
	"errors"

	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// ErrNotFound says that a schema or table does not exist in a connector.
var ErrNotFound = errors.New("not found")

// Connector gives access to one catalog. It is safe for concurrent use, and it
// exists on the driver (names, statistics, splits) as well as on every executor
// (Open).
type Connector interface {
	// DefaultSchema is the schema that unqualified names mean right after
	// connecting to this catalog.
	DefaultSchema() string
	// Schemas lists the schemas, sorted. A connector may accept more (tpch: any scale factor).
	Schemas(ctx context.Context) ([]string, error)
	// Tables lists the tables of a schema, sorted, or ErrNotFound.
	Tables(ctx context.Context, schema string) ([]string, error)
	// Table resolves a table, or returns ErrNotFound.
	Table(ctx context.Context, schema, name string) (Table, error)
	// Open starts reading a split that the connector's Scan made, on whatever
	// process runs the task.
	Open(ctx context.Context, split Split, req ReadRequest) (Reader, error)
}

// Prefetcher is a Connector that can have a split's first bytes read in the
// background, where reading is slow.
type Prefetcher interface {
	// Prefetch announces that Open will follow with the same request. It does not wait, and it keeps nothing.
	Prefetch(split Split, req ReadRequest)
}

// Table is a resolved table. It is immutable: a query sees one version.
type Table interface {
	Schema() []types.Field
	// Stats returns statistics for the columns at the given positions of Schema.
	Stats(ctx context.Context, columns []int) (Stats, error)
	// Scan divides the table into splits, pruned by the request's ranges.
	Scan(ctx context.Context, req ScanRequest) (ScanPlan, error)
}

// Locator stands in place of a column's position and asks a reader for a bigint that names the row:
// with it the row can be read again (ReadRequest.Rows).
const Locator = -1

// Locatable is a Table whose readers know the column Locator.
type Locatable interface {
	// Whole returns a split with all rows that locators of this version of the table name, to be
	// read by rows; false if it has too many to name.
	Whole() (Split, bool, error)
}

// ScanRequest says what a scan needs, so that a connector can prune splits.
type ScanRequest struct {
	Columns []int   // positions in Table.Schema, or Locator, in output order
	Ranges  []Range // conjuncts known of the rows wanted (Column = position in Table.Schema)
	Limit   int64   // rows that suffice, -1 = all
	Slots   int     // how many tasks may run at once: a hint for the number of splits
}

// ScanPlan is what a scan will read.
type ScanPlan struct {
	Splits []Split
	// Pruned describes what was skipped, for EXPLAIN (e.g. "partitions 3/12, row groups 10/49"); may be empty.
	Pruned string
	// Bounds, if not nil, gives the least and the greatest value of an integer column (position in Table.Schema) in a split;
	// ok is false where they are not known, or there may be NULLs.
	Bounds func(split, column int) (least, greatest int64, ok bool)
}

// Split is a piece of a table that one reader reads from start to end. It
// travels to executors, and with the same Version it always gives the same rows
// in the same order.
type Split struct {
	Payload []byte   // the connector's own description
	Hosts   []string // hosts where reading is cheap; none = anywhere
	Rows    int64    // estimate
	Bytes   int64    // estimate
	Version string   // identity of the data (path, size, mtime …)
}

// ReadRequest says what to read of a split.
type ReadRequest struct {
	Columns []int // positions in Table.Schema, or Locator, in output order; may be empty (rows are counted only)
	// Predicate, if not nil, selects rows; a reader may use it for pruning and late
	// materialization. A reader that returns rows it has applied the predicate to
	// says so by Reader.Applied.
	Predicate Predicate
	Account   *memory.Account // charged for the reader's buffers; never nil
	BatchSize int             // rows per batch, 0 = vector.BatchSize
	Limit     int64           // rows that suffice, -1 = all
	// Rows, if not nil, are locators in ascending order, of a Whole split: these rows are read, in this
	// order and nothing else. There is no Predicate then.
	Rows []int64
}

// Predicate is a filter over a reader's columns, which exec/eval implements.
type Predicate interface {
	// Columns lists the positions (in ReadRequest.Columns) the predicate reads.
	Columns() []int
	// Ranges returns necessary conditions for a row to pass (Column = position in
	// ReadRequest.Columns), for pruning by statistics. It may say more later
	// (runtime filters), so readers ask again for each row group.
	Ranges() []Range
	// Select returns the positions of b.Sel (or of all rows) that pass, ascending.
	// b.Cols must hold the predicate's columns at their positions in
	// ReadRequest.Columns; the others may be nil. The result is valid until the next call.
	// A nil slice with ok=true means that all rows pass.
	Select(b *vector.Batch) (sel []int32, all bool, err error)
}

// Stepwise is a Predicate that can be applied in steps, so that columns which a later step reads need not be
// decoded for rows that an earlier one has dropped.
type Stepwise interface {
	Predicate
	// Steps lists the columns of each step. It may change from batch to batch, and holds until it is asked again.
	Steps() [][]int
	// SelectStep is Select for one step; b.Sel are the rows that the steps before it left, and
	// b.Cols must hold this step's columns.
	SelectStep(step int, b *vector.Batch) (sel []int32, all bool, err error)
}

// Range is a necessary condition on one column: Min ≤ x ≤ Max, and x ∈ In if In
// is not nil. Nulls tells whether NULL passes. A nil bound is open; exclusive
// bounds are given as inclusive ones (pruning only needs necessity).
type Range struct {
	Column   int
	Min, Max *value.Value
	In       []value.Value
	Nulls    bool
}

// Reader yields the rows of a split.
type Reader interface {
	// Next returns the next batch, or io.EOF. The batch is valid until the next Next or Close.
	Next(ctx context.Context) (*vector.Batch, error)
	// Applied reports whether batches hold only rows that pass ReadRequest.Predicate.
	Applied() bool
	// Close frees everything; it may be called at any time, and twice.
	Close() error
}

// Stats are a table's statistics. Unknown figures are -1 (rows) or zero values.
type Stats struct {
	Rows    float64 // -1 = unknown
	Exact   bool    // Rows is exact
	Columns map[int]ColumnStats
}

// ColumnStats are the statistics of one column.
type ColumnStats struct {
	// Min and Max bound all values, nil = unknown. A Table vouches for them: integer overflow is ruled out by them.
	Min, Max *value.Value
	Distinct float64 // 0 = unknown
	NullFrac float64 // share of NULLs, 0..1
	Width    float64 // average bytes of a value, 0 = unknown
	Unique   bool    // no two rows share a value (a key)
	// Common are the most common values, most common first, and Histogram the bounds of ranges
	// that each hold as many of the other values; ANALYZE makes both of a sample.
	Common    []Common
	Histogram []value.Value
}

// Common is a value that many rows have.
type Common struct {
	Value value.Value
	Share float64 // of all rows
}

// Identified is a Table whose data has an identity: what was learnt of a table
// holds as long as its identity, which is "" where nobody can tell.
type Identified interface {
	Identity() string
}
