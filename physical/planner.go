package physical

import (
	"context"
	"fmt"

	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
)

// Estimator gives the planner the optimizer's estimates.
type Estimator interface {
	Rows(n logical.Node) float64
	Bytes(n logical.Node) float64
}

// Options are what planning depends on beside the query.
type Options struct {
	Slots          int     // tasks that can run at once in the cluster
	Processes      int     // executor processes; 1 lets broadcasts be shared by all tasks
	InProcess      bool    // tasks share memory for good: outer builds may be shared
	BroadcastBytes float64 // largest build side that is broadcast between processes; 0 = none, not even within one
	SpoolBytes     float64 // edges estimated larger than this are pipelined where possible
	// LocalCatalogs are read by the driver itself: catalog names, or "*.schema" for a
	// schema that every catalog has (pg_catalog).
	LocalCatalogs map[string]bool
	// RuntimeFilters lets joins send the keys of their build side to scans of other stages.
	RuntimeFilters bool
	Functions      *function.Context
	// AdaptiveBytes is what a task of a re-planned stage should read; 0 = stages are not re-planned.
	AdaptiveBytes int64
}

// DefaultBroadcastBytes is the largest estimated build side that is sent to
// every process rather than repartitioned.
const DefaultBroadcastBytes = 32 << 20

// DefaultSpoolBytes is the edge size up to which keeping an edge for re-reads
// is taken to cost nothing.
const DefaultSpoolBytes = 1 << 30

// smallRows is the estimated number of rows up to which parallelism costs more
// than it gives.
const smallRows = 20_000

// New plans an optimized logical plan, which must have no Apply.
func New(ctx context.Context, root logical.Node, est Estimator, o Options) (plan *Plan, err error) {
	defer func() {
		if r := recover(); r != nil {
			missing, ok := r.(missingColumn)
			if !ok {
				panic(r)
			}
			plan, err = nil, missing
		}
	}()
	p := &planner{ctx: ctx, est: est, o: o, reused: map[int]*fragment{}, edgeOf: map[*ExchangeSource]*edge{},
		made: map[Node]logical.Node{}, filters: map[*Scan][]scanFilter{}, tableRows: map[*Scan]float64{}}
	p.o.Slots = max(1, o.Slots)
	schema := root.Schema()
	f, err := p.build(root, logical.Columns(root))
	if err != nil {
		return nil, err
	}
	f = p.arrange(f, schema)
	e := p.output(f, Partitioning{Kind: Gather, N: 1})
	if f.single() { // a window leaves each task's rows sorted, which nobody asked for
		e.ordering = f.ordering
	}
	return p.finish(e, schema)
}

// planner builds fragments bottom-up and cuts them into stages.
type planner struct {
	ctx     context.Context
	est     Estimator
	o       Options
	stages  []*stage
	edges   []*edge
	reused  map[int]*fragment
	edgeOf  map[*ExchangeSource]*edge
	filters map[*Scan][]scanFilter
	// tableRows are the rows of each scan before its filters.
	tableRows map[*Scan]float64
	lastID    expr.ColumnID                         // of the columns that only this plan knows: they are negative
	more      map[*logical.Window][]logical.SortKey // see shareSort
	made      map[Node]logical.Node                 // by the operator that yields the node's rows
}

// computed is a column that only the physical plan knows.
func (p *planner) computed(name string, t types.Type) logical.Column {
	p.lastID--
	return logical.Column{ID: p.lastID, Field: types.Field{Name: name, Type: t, Nullable: true}}
}

// stage is a stage in the making.
type stage struct {
	tasks   int
	inputs  []*edge
	outputs []*edge
	root    Node
	scans   []*scanSplits
	ranges  map[*Scan]int // all scans are dealt by ranges of these columns (positions in Columns); nil = they are not
	id      StageID
	placed  bool
}

// edge is an edge in the making.
type edge struct {
	from, to *stage // to == nil: the driver
	part     Partitioning
	keys     []int // a filter edge: the producer's columns it carries
	ordering []SortKey
	fields   []types.Field
	rows     float64
	bytes    float64
	id       EdgeID
}

// fragment is a subplan whose stage is still open at the top.
type fragment struct {
	st   *stage
	root Node
	cols []logical.Column // output columns, by position
	// hash says that rows are partitioned over the stage's tasks by hash of these
	// columns: each position lists columns that are equal to one another. nil = by
	// nothing known.
	hash [][]expr.ColumnID
	// ordering says that each task's rows are sorted so.
	ordering []SortKey
	bytes    float64
	// reuse is set while the fragment is nothing but the re-read output of a shared stage.
	reuse *stage
}

func (f *fragment) rows() float64 { return f.root.Info().Rows }
func (f *fragment) single() bool  { return f.st.tasks == 1 }

// positions maps column IDs to positions in f's output.
func (f *fragment) positions() map[expr.ColumnID]int { return positions(f.cols) }

func positions(cols []logical.Column) map[expr.ColumnID]int {
	m := make(map[expr.ColumnID]int, len(cols))
	for i, c := range cols {
		m[c.ID] = i
	}
	return m
}

func fieldsOf(cols []logical.Column) []types.Field {
	out := make([]types.Field, len(cols))
	for i, c := range cols {
		out[i] = c.Field
	}
	return out
}

// on puts an operator on top of a fragment; ordering and hash are kept by the
// caller's choice.
func (f *fragment) on(root Node, cols []logical.Column) *fragment {
	return &fragment{st: f.st, root: root, cols: cols, bytes: f.bytes}
}

func (p *planner) base(cols []logical.Column, rows float64) Base {
	return Base{Out: fieldsOf(cols), Rows: rows}
}

// newStage opens a stage with a number of tasks.
func (p *planner) newStage(tasks int) *stage {
	s := &stage{tasks: max(1, tasks)}
	p.stages = append(p.stages, s)
	return s
}

// missingColumn is a fault of the logical plan: an expression refers to a column that
// its input does not have. bind raises it, New returns it.
type missingColumn struct{ col *expr.Column }

func (e missingColumn) Error() string {
	return fmt.Sprintf("column %s#%d is not in the operator's input", e.col.Name, e.col.ID)
}

// bind replaces column references by positions.
func bind(e expr.Expr, pos map[expr.ColumnID]int) expr.Expr {
	return expr.Transform(e, func(x expr.Expr) expr.Expr {
		if c, ok := x.(*expr.Column); ok {
			i, ok := pos[c.ID]
			if !ok {
				panic(missingColumn{c})
			}
			return &expr.Input{Index: i, Name: c.Name, Typ: c.Typ}
		}
		return x
	})
}

func bindAll(es []expr.Expr, pos map[expr.ColumnID]int) []expr.Expr {
	out := make([]expr.Expr, len(es))
	for i, e := range es {
		out[i] = bind(e, pos)
	}
	return out
}

// build plans a node of which the columns in need are wanted; the fragment
// outputs at least those.
func (p *planner) build(n logical.Node, need expr.ColumnSet) (*fragment, error) {
	f, err := p.buildNode(n, need)
	if err != nil {
		return nil, err
	}
	_, passes := n.(*logical.Project) // the operator may be that of its input
	if _, ok := f.root.(*ExchangeSource); !ok && !(passes && p.made[f.root] != nil) {
		p.made[f.root] = n // an exchange would count rows once for each of its tasks
	}
	return f, nil
}

func (p *planner) buildNode(n logical.Node, need expr.ColumnSet) (*fragment, error) {
	if err := p.ctx.Err(); err != nil {
		return nil, err
	}
	switch n := n.(type) {
	case *logical.Scan:
		return p.scan(n, need)
	case *logical.Values:
		return p.values(n)
	case *logical.Filter:
		return p.filter(n, need)
	case *logical.Project:
		return p.project(n, need)
	case *logical.Aggregate:
		return p.aggregate(n, need)
	case *logical.Join:
		return p.join(n, need)
	case *logical.Sort:
		return p.sort(n, need)
	case *logical.TopN:
		return p.topN(n, need)
	case *logical.Limit:
		return p.limit(n, need)
	case *logical.Window:
		return p.window(n, need)
	case *logical.Union:
		return p.union(n, need)
	case *logical.TableFunc:
		return p.tableFunc(n, need)
	case *logical.Fetch:
		return p.fetch(n, need)
	case *logical.Reuse:
		return p.reuse(n)
	}
	return nil, fmt.Errorf("no physical operator for %s", n)
}

// with returns need and the columns that expressions refer to.
func with(need expr.ColumnSet, es ...expr.Expr) expr.ColumnSet {
	out := expr.Columns(es...)
	for id := range need {
		out.Add(id)
	}
	return out
}

// arrange gives a fragment exactly these columns in this order.
func (p *planner) arrange(f *fragment, want []logical.Column) *fragment {
	same := len(want) == len(f.cols)
	for i := 0; same && i < len(want); i++ {
		same = want[i].ID == f.cols[i].ID
	}
	if same {
		return f
	}
	pos := f.positions()
	es := make([]expr.Expr, len(want))
	moved := map[int]int{}
	for i, c := range want {
		es[i] = bind(c.Ref(), pos)
		if _, ok := moved[pos[c.ID]]; !ok {
			moved[pos[c.ID]] = i
		}
	}
	out := f.on(&Project{p.base(want, f.rows()), f.root, es}, want)
	out.hash = f.hash
	for _, k := range f.ordering {
		i, ok := moved[k.Column]
		if !ok {
			out.ordering = nil
			break
		}
		k.Column = i
		out.ordering = append(out.ordering, k)
	}
	return out
}
