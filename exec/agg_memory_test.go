package exec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/types"
)

// probeInput yields rows and looks, before each batch, whether the aggregation
// above holds no more than it reserved.
type probeInput struct {
	t     *testing.T
	agg   *aggregateOp
	batch int
	keys  func(i int) int64
	tail  string // of the texts of the last batches
}

const probeRows = 3000

func (p *probeInput) Open(context.Context) error { return nil }
func (p *probeInput) Close() error               { return nil }

func (p *probeInput) Next(context.Context) (*vector.Batch, error) {
	if n := p.agg.bytes(); p.batch > 0 && n > p.agg.held {
		p.t.Fatalf("after %d batches %d bytes are in use, %d reserved", p.batch, n, p.agg.held)
	}
	if r := p.agg.radix; r != nil {
		if n := r.keptKeys(len(p.agg.table.types)); n > r.size {
			p.t.Fatalf("after %d batches the keys kept take %d bytes, counted are %d", p.batch, n, r.size)
		}
	}
	if p.batch == 10 {
		return nil, io.EOF
	}
	keys, vals := make([]int64, probeRows), make([]int64, probeRows)
	text := vector.New(types.Of(types.Text), probeRows)
	w := vector.NewBytesWriter(text)
	tail := ""
	if p.batch > 7 {
		tail = p.tail
	}
	for i := range keys {
		keys[i] = p.keys(p.batch*probeRows + i)
		vals[i] = int64(i)
		w.Set(i, []byte(fmt.Sprint("key ", keys[i], " of the table", tail)))
	}
	p.batch++
	int8s := types.Of(types.Int8)
	return &vector.Batch{Rows: probeRows, Cols: []*vector.Vector{vector.FromSlice(int8s, keys), text, vector.FromSlice(int8s, vals)}}, w.Finish()
}

// keptKeys is what the key columns of the groups kept take, used or not.
func (r *radixRows) keptKeys(keys int) (n int64) {
	for _, k := range r.kept {
		for i, v := range k.cols {
			if i < keys {
				n += int64(cap(v.Data) + 4*cap(v.Offsets))
			}
		}
	}
	return n
}

// Memory is reserved before a batch is folded in, whatever finds the groups.
func TestAggregateReservesFirst(t *testing.T) {
	int8s, text := types.Of(types.Int8), types.Of(types.Text)
	fields := []types.Field{{Type: int8s}, {Type: text}, {Type: int8s}}
	leaf := &physical.ExchangeSource{Base: physical.Base{Out: fields}}
	col := func(i int) expr.Expr { return &expr.Input{Index: i, Typ: fields[i].Type} }
	var calls []physical.AggCall
	for _, c := range []struct {
		name string
		arg  int
	}{{"sum", 2}, {"avg", 2}, {"max", 1}, {"any_value", 1}, {"array_agg", 2}, {"count", 1}, {"array_agg", 1}} {
		f, _, err := function.ResolveAggregate(c.name, []types.Type{fields[c.arg].Type})
		if err != nil {
			t.Fatal(err)
		}
		calls = append(calls, physical.AggCall{Func: f, ArgTypes: []types.Type{fields[c.arg].Type}, Args: []expr.Expr{col(c.arg)}})
	}
	calls[5].Distinct = true
	calls[6].OrderBy = []physical.OrderExpr{{Expr: col(2)}}
	for name, keys := range map[string]func(i int) int64{
		"few":      func(i int) int64 { return int64(i % 10) },
		"dense":    func(i int) int64 { return int64(i / 2) },
		"shuffled": func(i int) int64 { return int64(i) * 7919 % 30_001 },
		"sparse":   func(i int) int64 { return int64(i) * 1_000_003 },
	} {
		for _, groups := range [][]expr.Expr{{col(0)}, {col(1)}, {col(0), col(2)}, {col(0), col(1)}} {
			for i, some := range [][]physical.AggCall{nil, calls, nil, calls[:5]} {
				for _, limit := range []int64{0, 20 << 20} {
					n := &physical.HashAggregate{Input: leaf, Groups: groups, Calls: some}
					root := memory.NewRoot("test", limit)
					env := &Env{Context: &function.Context{}, Account: root, Spill: spill.NewDir(t.TempDir()), RadixFrom: i / 2 * 3000}
					in := &probeInput{t: t, keys: keys}
					op, err := newHashAggregate(&builder{env: env}, n, in)
					if err != nil {
						t.Fatal(err)
					}
					in.agg = op.(*aggregateOp)
					for err == nil {
						_, err = op.Next(context.Background())
						if in.agg.bytes() > in.agg.held {
							t.Fatalf("%s: %d bytes are in use, %d reserved", name, in.agg.bytes(), in.agg.held)
						}
					}
					if err != io.EOF {
						t.Fatalf("%s, limit %d, %d calls: %v", name, limit, len(some), err)
					}
					if err := op.Close(); err != nil || root.Used() != 0 || limit > 0 && i == 1 && name != "few" && in.agg.stats.Spilled == 0 {
						t.Fatal(err, root.Used())
					}
				}
			}
		}
	}
}

// A partial aggregation whose groups went out, but not their room, gives that
// up before it fails for want of memory.
func TestPartialGivesRoomUp(t *testing.T) {
	int8s, text := types.Of(types.Int8), types.Of(types.Text)
	fields := []types.Field{{Type: int8s}, {Type: text}, {Type: int8s}}
	n := &physical.HashAggregate{Phase: physical.Partial, Input: &physical.ExchangeSource{Base: physical.Base{Out: fields}},
		Groups: []expr.Expr{&expr.Input{Index: 0, Typ: int8s}, &expr.Input{Index: 1, Typ: text}}}
	root := memory.NewRoot("test", 2600<<10)
	env := &Env{Context: &function.Context{}, Account: root, Spill: spill.NewDir(t.TempDir())}
	in := &probeInput{t: t, keys: func(i int) int64 { return int64(i) }, tail: strings.Repeat(".", 300)}
	op, err := newHashAggregate(&builder{env: env}, n, in)
	if err != nil {
		t.Fatal(err)
	}
	in.agg = op.(*aggregateOp)
	rows := 0
	for err == nil {
		var b *vector.Batch
		if b, err = op.Next(context.Background()); err == nil {
			rows += b.Rows
		}
	}
	if err != io.EOF || rows != 10*probeRows {
		t.Errorf("%d rows: %v", rows, err)
	}
	if err := op.Close(); err != nil || root.Used() != 0 {
		t.Errorf("%v, %d bytes are still charged", err, root.Used())
	}
}

// A partial aggregation that groups what it gathered and is refused memory with an empty table gives that table's
// room up: there is nothing to move to disk. Once its input has ended it can't give groups out early either.
func TestPartialRoom(t *testing.T) {
	int8s := types.Of(types.Int8)
	n := &physical.HashAggregate{Phase: physical.Partial, Input: &physical.ExchangeSource{Base: physical.Base{Out: []types.Field{{Type: int8s}}}},
		Groups: []expr.Expr{&expr.Input{Typ: int8s}}}
	for _, gathered := range []bool{true, false} {
		root := memory.NewRoot("test", 6<<20)
		env := &Env{Context: &function.Context{}, Account: root, Spill: spill.NewDir(t.TempDir())}
		op, err := newHashAggregate(&builder{env: env}, n, nil)
		if err != nil {
			t.Fatal(err)
		}
		a := op.(*aggregateOp)
		vals := make([]int64, 1<<16)
		for i := range vals {
			vals[i] = int64(i) * 1_000_000_007
		}
		keys := vector.FromSlice(int8s, vals)
		if err := errors.Join(a.fold(&vector.Batch{Rows: len(vals)}, []*vector.Vector{keys}), a.reserve(0)); err != nil {
			t.Fatal(err)
		}
		if a.input = gathered; gathered {
			a.radix = newRadixRows(radixFewBits)
			if err := a.radix.add([]*vector.Vector{keys}, nil, 1, make([]uint64, 1)); err != nil {
				t.Fatal(err)
			}
			a.radix.spare = 0
			a.clearGroups()
		}
		need := 6<<20 - a.held/2
		ok, err := a.room(t.Context(), func() int64 { return need })
		if !ok || err != nil || a.flushing || a.spilled.any() == gathered {
			t.Errorf("gathered %v: room %v, %v; flushing %v, spilled %v", gathered, ok, err, a.flushing, a.spilled.any())
		}
		if err := op.Close(); err != nil || root.Used() != 0 {
			t.Errorf("%v, %d bytes are still charged", err, root.Used())
		}
	}
}
