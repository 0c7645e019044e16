package exectest

import (
	"context"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// shapedConn reads rows in a shape's encodings and applies predicates. Each row that passes must lie in all ranges.
type shapedConn struct {
	catalog.Connector
	t    testing.TB
	in   Input
	s    shape
	read int // rows handed out
}

type shapedReader struct {
	*source
	c   *shapedConn
	req catalog.ReadRequest
}

func (c *shapedConn) Open(_ context.Context, _ catalog.Split, req catalog.ReadRequest) (catalog.Reader, error) {
	src := &sources{shape: c.s, rng: rand.New(rand.NewSource(7)), inputs: []Input{c.in}}
	return &shapedReader{&source{s: src, in: c.in}, c, req}, nil
}

func (r *shapedReader) Applied() bool { return true }

func (r *shapedReader) Next(ctx context.Context) (*vector.Batch, error) {
	b, err := r.source.Next(ctx)
	if err != nil {
		return nil, err
	}
	if r.req.Predicate != nil {
		sel, all, err := r.req.Predicate.Select(b)
		if err != nil {
			return nil, err
		}
		if !all {
			b = &vector.Batch{Rows: b.Rows, Sel: append([]int32{}, sel...), Cols: b.Cols}
		}
		for _, row := range RowsOf(b) {
			for _, g := range r.req.Predicate.Ranges() {
				r.check(g, row[g.Column])
			}
		}
	}
	r.c.read += b.Count()
	return b, nil
}

// check compares values as the pruning of files does, by their bytes.
func (r *shapedReader) check(g catalog.Range, x value.Value) {
	if x.Null {
		return
	}
	in := g.In == nil || slices.ContainsFunc(g.In, func(y value.Value) bool { return value.Compare(x, y) == 0 })
	if !in || g.Min != nil && value.Compare(x, *g.Min) < 0 || g.Max != nil && value.Compare(x, *g.Max) > 0 {
		r.c.t.Errorf("a row that passes lies out of %+v: %s", g, Format(Row{x}))
	}
}

// textValues draws texts that are hard on filters: empty, long, with blanks at their ends, and with heads in common.
func textValues(rng *rand.Rand, t types.Type, rows []Row, column int) {
	for _, r := range rows {
		if x := &r[column]; !x.Null && t.Storage() == types.StoreBytes {
			switch k := int(x.S[1]) % 7; {
			case k == 0:
				x.S = ""
			case k == 1:
				x.S = strings.Repeat("long", 80) + x.S
			case k == 2 && t.Kind == types.Char:
				x.S += strings.Repeat(" ", rng.Intn(3))
			}
		}
	}
}

// TestJoinsFilterScans joins scans in all kinds, by keys of many types, with their runtime filters: in memory, and with
// builds on disk. The answers are those without filters, and where a row of L needs a match only such rows are read.
func TestJoinsFilterScans(t *testing.T) {
	char, varchar, bytea := types.Type{Kind: types.Char, Precision: 9}, types.Of(types.Varchar), types.Of(types.Bytea)
	rng, dir := rand.New(rand.NewSource(33)), spill.NewDir(t.TempDir())
	for _, keys := range [][]types.Type{{tText}, {char}, {varchar}, {bytea}, {tInt8}, {tInt4, tText}, {tText, tText}} {
		lt, rt := append([]types.Type{tInt8}, keys...), append([]types.Type{tText}, keys...)
		for _, few := range []int{3, 60, 0} {
			l, r := Random(rng, Fields(lt...), 500, 300, 0.1), Random(rng, Fields(rt...), few, 300, 0.2)
			for i, k := range keys {
				textValues(rng, k, l, i+1)
				textValues(rng, k, r, i+1)
			}
			for kind := logical.Inner; kind <= logical.RightAnti; kind++ {
				c := scanJoin{t: t, kind: kind, keys: keys, lt: lt, rt: rt, l: l, r: r, spill: dir}
				for _, s := range shapes[2:] {
					c.run(s, 0)
				}
				c.run(shapes[5], 5)
			}
		}
	}
}

type scanJoin struct {
	t      *testing.T
	kind   logical.JoinKind
	keys   []types.Type
	lt, rt []types.Type
	l, r   []Row
	spill  *spill.Dir
}

func (c scanJoin) match(a, b Row) tri {
	out := yes
	for i := range c.keys {
		out = min(out, equal(a[i+1], b[i+1], false))
	}
	return out
}

func (c scanJoin) run(s shape, spillRows int) {
	want, tooMany := naiveJoin(c.kind, c.l, c.r, c.lt, c.rt, false, c.match)
	if tooMany {
		return
	}
	scan := &physical.Scan{Base: physical.Base{ID: 0, Rows: -1, Out: Fields(c.lt...)}, Catalog: "c", Columns: []int{0, 1, 2}[:len(c.lt)], Limit: -1}
	var keys []expr.Expr
	for i, k := range c.keys {
		keys = append(keys, in(i+1, k))
	}
	fields := joinFields(c.kind, c.lt, c.rt)
	node := &physical.HashJoin{Base: physical.Base{ID: 2, Out: fields}, Kind: c.kind, L: scan, LKeys: keys, RKeys: keys,
		R: &physical.ExchangeSource{Base: physical.Base{ID: 1, Out: Fields(c.rt...)}}}
	conn := &shapedConn{t: c.t, in: Input{Fields(c.lt...), c.l}, s: s}
	root := memory.NewRoot("r", 0)
	src := &sources{shape: s, rng: rand.New(rand.NewSource(3)), inputs: []Input{{Fields(c.rt...), c.r}}}
	env := &exec.Env{Context: Context(), Account: root, BatchSize: 33, Sources: src,
		Connector: func(string) (catalog.Connector, bool) { return conn, true }, Splits: map[physical.OpID][]catalog.Split{0: {{}}},
		Spill: c.spill, SpillRows: spillRows}
	op, err := exec.Build(node, env)
	if err != nil {
		c.t.Fatal(err)
	}
	got := pull(c.t, op)
	op.Close()
	what := fmt.Sprintf("%v by %v, %d build rows, %+v, spill %d", c.kind, c.keys, len(c.r), s, spillRows)
	compare(c.t, what, got, want, false)
	matched, _ := naiveJoin(logical.Semi, c.l, c.r, c.lt, c.rt, false, c.match)
	switch c.kind {
	case logical.Inner, logical.Semi, logical.Right, logical.RightSemi, logical.RightAnti:
		// Several keys are filtered one by one, and a filter lets one in a hundred others pass.
		if len(c.keys) == 1 && conn.read > len(matched)+20+spillRows*20 {
			c.t.Errorf("%s: %d rows were read, %d match", what, conn.read, len(matched))
		}
	default:
		if conn.read != len(c.l) {
			c.t.Errorf("%s: %d rows were read of %d", what, conn.read, len(c.l))
		}
	}
	if root.Used() != 0 || env.Spill.Used() != 0 {
		c.t.Errorf("%s: %d bytes are still charged, %d on disk", what, root.Used(), env.Spill.Used())
	}
}
