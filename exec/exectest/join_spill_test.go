package exectest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand"
	"strings"
	"sync"
	"testing"

	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// keyed groups rows by their first column, so that naiveJoin sees only rows that
// may match: its pairs grow with the square of the rows.
func keyed(kind logical.JoinKind, l, r []Row, lt, rt []types.Type, nullAware bool, on func(a, b Row) tri) (out []Row) {
	type sides struct{ l, r []Row }
	groups := map[string]*sides{}
	side := func(x Row) *sides {
		k := Format(x[:1])
		if groups[k] == nil {
			groups[k] = &sides{}
		}
		return groups[k]
	}
	nulls := false
	for _, x := range l {
		side(x).l = append(side(x).l, x)
	}
	for _, x := range r {
		side(x).r = append(side(x).r, x)
		nulls = nulls || x[0].Null
	}
	for k, s := range groups {
		if nullAware && len(r) > 0 && (nulls || k == "NULL") { // as if one NULL were there
			s.r = append(s.r, Row{value.NullOf(rt[0]), value.NullOf(rt[1])})
		}
		rows, _ := naiveJoin(kind, s.l, s.r, lt, rt, nullAware, on)
		out = append(out, rows...)
	}
	return out
}

// joinCase is a join of (key, payload) with (key, text).
type joinCase struct {
	kind      logical.JoinKind
	l, r      []Row
	nullAware bool
	residual  bool
	computed  bool // the keys of R are expressions
	nested    bool
}

var bigLeft, bigRight = []types.Type{tInt8, tInt8}, []types.Type{tInt8, tText}

func (c joinCase) node(t testing.TB, shared bool, x ...physical.Node) physical.Node {
	if c.nested {
		return &physical.NestedLoopJoin{Base: physical.Base{ID: 1, Out: joinFields(c.kind, bigLeft, bigRight)}, Kind: c.kind, L: x[0], R: x[1],
			On: []expr.Expr{call(t, "=", in(0, tInt8), in(2, tInt8))}, SharedBuild: shared}
	}
	j := &physical.HashJoin{Base: physical.Base{ID: 1, Out: joinFields(c.kind, bigLeft, bigRight)}, Kind: c.kind, L: x[0], R: x[1],
		LKeys: []expr.Expr{in(0, tInt8)}, RKeys: []expr.Expr{in(0, tInt8)}, NullAware: c.nullAware, SharedBuild: shared}
	if c.computed {
		j.RKeys = []expr.Expr{call(t, "-", call(t, "+", in(0, tInt8), in(0, tInt8)), in(0, tInt8))}
	}
	if c.residual {
		j.Residual = []expr.Expr{call(t, "<>", in(0, tInt8), in(1, tInt8))}
	}
	return j
}

func (c joinCase) want() []Row {
	return keyed(c.kind, c.l, c.r, bigLeft, bigRight, c.nullAware, func(a, b Row) tri {
		m := equal(a[0], b[0], false)
		if c.residual && (a[0].Null || a[1].Null || a[0].I == a[1].I) {
			m = no
		}
		return m
	})
}

// bigSides make a build side of about 6 MiB; the share of one giant key is given
// in percent, and few rows of L have that key.
func bigSides(rng *rand.Rand, giant int) (l, r []Row) {
	l, r = Random(rng, Fields(bigLeft...), 6000, 20_000, 0.05), Random(rng, Fields(bigRight...), 30_000, 20_000, 0.02)
	pad := strings.Repeat(".", 180)
	for i := range r {
		if r[i][1] = value.Text(fmt.Sprint(i, pad)); rng.Intn(100) < giant {
			r[i][0] = value.Int8(77_777)
		}
	}
	for i := 0; i < 3; i++ {
		l[i*1000][0] = value.Int8(77_777)
	}
	return l, r
}

func drainOp(ctx context.Context, op exec.Operator) (rows []Row, err error) {
	for err = op.Open(ctx); err == nil; {
		b, e := op.Next(ctx)
		if err = e; err == nil {
			rows = append(rows, RowsOf(b)...)
		}
	}
	if err == io.EOF {
		err = nil
	}
	return rows, errors.Join(err, op.Close())
}

// Joins of all kinds in less memory than the build side takes: by partitions on
// disk, by chunks where one key has most rows, never above the limit.
func TestJoinSmallMemory(t *testing.T) {
	rng := rand.New(rand.NewSource(12))
	for _, giant := range []int{0, 97} {
		l, r := bigSides(rng, giant)
		for kind := logical.Inner; kind <= logical.RightAnti; kind++ {
			if kind == logical.Single {
				continue
			}
			c := joinCase{kind: kind, l: l, r: r, residual: kind%2 == 0, computed: kind%3 == 0,
				nullAware: kind == logical.Anti && giant == 0 || kind == logical.Mark && giant > 0}
			if c.nullAware {
				c.residual = false
				c.r = c.r[:0:0]
				for _, x := range r {
					if !x[0].Null || giant > 90 {
						c.r = append(c.r, x)
					}
				}
			}
			if testing.Short() && int(kind)%3 != giant%3 {
				continue
			}
			c.small(t, fmt.Sprintf("%v giant=%d", kind, giant), int64(int(kind)%2)*4<<20)
		}
	}
}

func (c joinCase) small(t *testing.T, name string, share int64) {
	const limit = 7 << 20
	got := within{limit, share, spill.NewDir(t.TempDir())}.run(t, c.node(t, false, leaf(0, bigLeft), leaf(1, bigRight)), 500,
		Input{Fields(bigLeft...), c.l}, Input{Fields(bigRight...), c.r})
	if got.err != nil {
		t.Fatalf("%s share=%d: %v", name, share, got.err)
	}
	compare(t, name, got.rows, c.want(), false)
	if got.spilled == 0 || got.peak > limit {
		t.Fatalf("%s share=%d: %d bytes spilled, peak %d", name, share, got.spilled, got.peak)
	}
}

func leaf(edge int, ts []types.Type) physical.Node {
	return &physical.ExchangeSource{Base: physical.Base{ID: physical.OpID(100 + edge), Out: Fields(ts...)}, Edge: physical.EdgeID(edge)}
}

// Without a place to spill to, the error is what it was; with a canceled query
// nothing is left behind wherever it was.
func TestJoinSpillEnds(t *testing.T) {
	l, r := bigSides(rand.New(rand.NewSource(13)), 30)
	c := joinCase{kind: logical.Full, l: l, r: r}
	for stop := -1; stop < 400; stop += 1 + stop/8 {
		dir := spill.NewDir(t.TempDir())
		root := memory.NewRoot("test", 7<<20)
		ctx, cancel := context.WithCancel(context.Background())
		src := &stoppingSources{sources: sources{shape: shape{batch: 500}, inputs: []Input{{Fields(bigLeft...), l}, {Fields(bigRight...), r}}}, left: stop, stop: cancel}
		env := &exec.Env{Query: "q", Context: Context(), Account: root, Sources: src, Spill: dir}
		if stop < 0 {
			env.Spill = nil
		}
		op, err := exec.Build(c.node(t, false, leaf(0, bigLeft), leaf(1, bigRight)), env)
		if err != nil {
			t.Fatal(err)
		}
		_, err = drainOp(ctx, op)
		if stop < 0 && sqlerr.Code(err) != sqlerr.OutOfMemory || stop >= 0 && src.left < 0 && !errors.Is(err, context.Canceled) {
			t.Fatalf("stop %d: %v", stop, err)
		}
		if root.Used() != 0 || dir.Used() != 0 {
			t.Fatalf("stop %d: %d bytes left in memory, %d on disk", stop, root.Used(), dir.Used())
		}
		cancel()
	}
}

// stoppingSources cancel the query when so many batches were read.
type stoppingSources struct {
	sources
	left int
	stop func()
}

func (s *stoppingSources) Open(ctx context.Context, edge physical.EdgeID, fields []types.Field, per bool) ([]exec.Source, error) {
	in, err := s.sources.Open(ctx, edge, fields, per)
	for i := range in {
		in[i] = &stoppingSource{in[i], s}
	}
	return in, err
}

type stoppingSource struct {
	exec.Source
	s *stoppingSources
}

func (x *stoppingSource) Next(ctx context.Context) (b *vector.Batch, err error) {
	if x.s.left--; x.s.left == -1 {
		x.s.stop()
	}
	return x.Source.Next(context.WithoutCancel(ctx))
}

// Tasks that share a build on disk join all of their rows with it, also those
// that emit rows of the build.
func TestSharedBuildSpills(t *testing.T) {
	const tasks = 4
	l, r := bigSides(rand.New(rand.NewSource(14)), 40)
	l, r = l[:2000], r[:4000]
	for _, nested := range []bool{false, true} {
		for kind := logical.Inner; kind <= logical.RightAnti; kind++ {
			if kind == logical.Single || nested && (kind == logical.Mark || kind == logical.Semi) {
				continue
			}
			c := joinCase{kind: kind, l: l, r: r, nested: nested, residual: kind%2 == 1 && !nested, nullAware: kind == logical.Anti && !nested}
			if nested {
				c.l, c.r = l[:200], r[:300]
			}
			for _, rows := range [][]int{{900}, {20}}[int(kind)%2] {
				got := c.parallel(t, tasks, rows)
				compare(t, fmt.Sprintf("%v nested=%v spill=%d", kind, nested, rows), got, c.want(), false)
			}
		}
	}
}

func (c joinCase) parallel(t *testing.T, tasks, spillRows int) (got []Row) {
	dir := spill.NewDir(t.TempDir())
	root := memory.NewRoot("query", 0)
	shared := exec.NewSharedBuilds(root)
	var wg sync.WaitGroup
	var mu sync.Mutex
	for task := 0; task < tasks; task++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			per := (len(c.l) + tasks - 1) / tasks
			mine := c.l[min(task*per, len(c.l)):min((task+1)*per, len(c.l))]
			src := &sources{shape: shape{batch: 300}, rng: rand.New(rand.NewSource(int64(task))), inputs: []Input{{Fields(bigLeft...), mine}, {Fields(bigRight...), c.r}}}
			account := root.Child("task", 0)
			defer account.Close()
			env := &exec.Env{Context: Context(), Account: account, Sources: src, Shared: shared, Partition: task, Tasks: tasks, Spill: dir, SpillRows: spillRows}
			op, err := exec.Build(c.node(t, true, leaf(0, bigLeft), leaf(1, bigRight)), env)
			if err != nil {
				t.Error(err)
				return
			}
			rows, err := drainOp(context.Background(), op)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			got = append(got, rows...)
			mu.Unlock()
		}()
	}
	wg.Wait()
	shared.Close()
	if root.Used() != 0 || dir.Used() != 0 {
		t.Fatalf("%d bytes left in memory, %d on disk", root.Used(), dir.Used())
	}
	return got
}
