// Package exectest runs one operator through every nasty shape of input: tiny
// and odd batches, selections, dictionaries, constants, slices at odd offsets, cancellation at every batch; and
// checks the answer, the memory accounts and the goroutines after each.
package exectest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"runtime"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// Row is one row of scalars.
type Row = []value.Value

// Input is what one leaf of the plan under test yields.
type Input struct {
	Fields []types.Field
	Rows   []Row
}

// Options say how results are compared.
type Options struct {
	Ordered bool   // the order of rows counts
	Error   string // the SQLSTATE that must come instead of rows
	Spill   int    // not 0: operators that can spill do so after as many rows
	Radix   int    // not 0: aggregations divide their rows by hash from so many groups on
	// Catalog is every catalog of the plan.
	Catalog catalog.Connector
}

// shape is one way to cut and encode an input.
type shape struct {
	batch  int
	sel    bool // garbage rows between, left out by selection vectors
	encode bool // random dictionary and constant encodings
	odd    bool // vectors are slices at odd offsets
	spill  int  // Options.Spill
	radix  int  // Options.Radix
	conn   catalog.Connector
}

var shapes = []shape{
	{batch: 1024}, {batch: 1}, {batch: 2, encode: true}, {batch: 3, sel: true},
	{batch: 7, odd: true, sel: true}, {batch: 1024, sel: true, encode: true}, {batch: 1024, odd: true, encode: true}, {batch: 64, encode: true},
}

// Run builds the operator over the inputs (leaf i of build's arguments yields
// inputs[i]) and compares its rows with want, in every shape. Values are compared by their display form.
func Run(t *testing.T, build func(in ...physical.Node) physical.Node, inputs []Input, want []Row, opt Options) {
	t.Helper()
	for i, s := range shapes {
		rng := rand.New(rand.NewSource(int64(i) + 1))
		s.spill, s.radix, s.conn = opt.Spill, opt.Radix, opt.Catalog
		got, err := execute(context.Background(), build, inputs, s, rng, -1, t)
		if opt.Error != "" {
			if code(err) != opt.Error {
				t.Fatalf("shape %+v: error %v, want SQLSTATE %s", s, err, opt.Error)
			}
			continue
		}
		if err != nil {
			t.Fatalf("shape %+v: %v", s, err)
		}
		compare(t, fmt.Sprintf("shape %+v", s), got, want, opt.Ordered)
	}
	for stop := 0; stop < 6; stop++ { // cancel at each of the first batches
		s := shape{batch: 2, spill: opt.Spill, radix: opt.Radix, conn: opt.Catalog}
		if _, err := execute(context.Background(), build, inputs, s, rand.New(rand.NewSource(9)), stop, t); err != nil && opt.Error == "" && !errors.Is(err, context.Canceled) {
			t.Fatalf("cancel at %d: %v", stop, err)
		}
	}
}

// Collect runs the operator once over plain batches and returns its rows.
func Collect(t testing.TB, build func(in ...physical.Node) physical.Node, inputs []Input) ([]Row, error) {
	return execute(context.Background(), build, inputs, shape{batch: 1024}, rand.New(rand.NewSource(1)), -1, t)
}

func code(err error) string {
	if err == nil {
		return ""
	}
	s := err.Error()
	if i := strings.LastIndex(s, "SQLSTATE "); i >= 0 && len(s) >= i+14 {
		return s[i+9 : i+14]
	}
	return "?"
}

// execute runs the plan once. stop ≥ 0 cancels the context before that Next.
func execute(ctx context.Context, build func(in ...physical.Node) physical.Node, inputs []Input, s shape, rng *rand.Rand, stop int, t testing.TB) (rows []Row, err error) {
	t.Helper()
	before := runtime.NumGoroutine()
	root := memory.NewRoot("test", 0)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	leaves := make([]physical.Node, len(inputs))
	src := &sources{shape: s, rng: rng, inputs: inputs}
	for i, in := range inputs {
		leaves[i] = &physical.ExchangeSource{Base: physical.Base{ID: physical.OpID(100 + i), Out: in.Fields}, Edge: physical.EdgeID(i)}
	}
	env := &exec.Env{Query: "q", Context: Context(), Account: root.Child("task", 0), Sources: src, BatchSize: s.batch, RadixFrom: s.radix,
		Connector: func(string) (catalog.Connector, bool) { return s.conn, s.conn != nil }}
	if s.spill > 0 {
		env.Spill, env.SpillRows = spill.NewDir(t.TempDir()), s.spill
		defer func() {
			if n := env.Spill.Used(); n != 0 {
				t.Errorf("shape %+v: %d bytes are still spilled after Close", s, n)
			}
		}()
	}
	defer func() {
		if used := root.Used(); used != 0 {
			t.Errorf("shape %+v: %d bytes are still charged after Close", s, used)
		}
		if src.open != 0 {
			t.Errorf("shape %+v: %d sources are still open", s, src.open)
		}
		waitGoroutines(t, before)
	}()
	op, err := exec.Build(build(leaves...), env)
	if err != nil {
		return nil, err
	}
	defer func() {
		if e := errors.Join(op.Close(), op.Close()); e != nil && err == nil {
			err = e
		}
	}()
	if stop == 0 {
		cancel()
	}
	if err := op.Open(ctx); err != nil {
		return nil, err
	}
	for n := 1; ; n++ {
		if n == stop {
			cancel()
		}
		b, err := op.Next(ctx)
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, RowsOf(b)...)
	}
}

func waitGoroutines(t testing.TB, before int) {
	for i := 0; runtime.NumGoroutine() > before; i++ {
		if i == 100 {
			t.Errorf("%d goroutines leaked", runtime.NumGoroutine()-before)
			return
		}
		time.Sleep(time.Millisecond)
	}
}

// Context returns a fixed query context for tests.
func Context() *function.Context {
	return &function.Context{Now: time.Unix(1_700_000_000, 0).UTC(), Location: time.UTC, User: "test", Database: "test", Seed: 42}
}

// RowsOf returns a batch's selected rows as scalars.
func RowsOf(b *vector.Batch) []Row {
	out := make([]Row, 0, b.Count())
	for k := 0; k < b.Count(); k++ {
		i := k
		if b.Sel != nil {
			i = int(b.Sel[k])
		}
		row := make(Row, len(b.Cols))
		for c, v := range b.Cols {
			if b.Rows != v.Len {
				panic(fmt.Sprintf("column %d has %d rows, the batch %d", c, v.Len, b.Rows))
			}
			row[c] = v.Get(i)
		}
		out = append(out, row)
	}
	return out
}

// Format prints a row for comparison.
func Format(r Row) string {
	s := make([]string, len(r))
	for i, v := range r {
		s[i] = "NULL"
		if !v.Null {
			s[i] = string(value.AppendText(nil, v, value.Env{}))
		}
	}
	return strings.Join(s, "|")
}

func compare(t testing.TB, what string, got, want []Row, ordered bool) {
	t.Helper()
	g, w := lines(got, ordered), lines(want, ordered)
	if len(g) == len(w) {
		same := true
		for i := range g {
			same = same && g[i] == w[i]
		}
		if same {
			return
		}
	}
	for i := 0; i < max(len(g), len(w)); i++ {
		a, b := "(none)", "(none)"
		if i < len(g) {
			a = g[i]
		}
		if i < len(w) {
			b = w[i]
		}
		if a != b {
			t.Fatalf("%s: %d rows, want %d; first difference at %d:\n got  %s\n want %s", what, len(g), len(w), i, a, b)
		}
	}
}

func lines(rows []Row, ordered bool) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = Format(r)
	}
	if !ordered {
		sort.Strings(out)
	}
	return out
}
