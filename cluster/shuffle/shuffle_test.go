package shuffle

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"testing"
	"time"

	"google.golang.org/grpc/mem"

	"github.com/flintsql/flint/cluster/clusterpb"
	"github.com/flintsql/flint/cluster/rpc"
	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

var testTypes = []types.Type{types.Of(types.Bool), types.Of(types.Int2), types.Of(types.Int4), types.Of(types.Int8), types.Of(types.Float4),
	types.Of(types.Float8), types.NumericOf(12, 2), types.NumericOf(30, 3), types.Of(types.Numeric), types.Of(types.Text), types.Of(types.Date),
	types.Of(types.Interval), types.ArrayOf(types.Of(types.Int4)), types.ArrayOf(types.Of(types.Text))}

func testFields() []types.Field {
	var out []types.Field
	for i, t := range testTypes {
		out = append(out, types.Field{Name: fmt.Sprint("c", i), Type: t, Nullable: true})
	}
	return out
}

// randomValue returns a value or, sometimes, NULL.
func randomValue(r *rand.Rand, t types.Type) value.Value {
	if r.IntN(4) == 0 {
		return value.NullOf(t)
	}
	v := value.Value{Type: t}
	switch t.Storage() {
	case types.StoreBool:
		v.I = r.Int64N(2)
	case types.StoreFloat32:
		v.F = float64(float32(r.NormFloat64()))
	case types.StoreFloat64:
		v.F = r.NormFloat64()
	case types.StoreInt128:
		v.D = value.Int128{Lo: r.Uint64(), Hi: r.Int64N(1000) - 500}
	case types.StoreNumeric:
		v.N = value.NumericFromFixed64(r.Int64(), r.IntN(5))
	case types.StoreInterval:
		v.V = value.Interval{Months: r.Int32(), Days: -r.Int32(), Micros: r.Int64()}
	case types.StoreBytes:
		v.S = fmt.Sprintf("%0*d", r.IntN(20)+1, r.IntN(100))
	case types.StoreList:
		for range r.IntN(4) {
			v.List = append(v.List, randomValue(r, t.ElemType()))
		}
	case types.StoreInt16:
		v.I = int64(int16(r.Int64()))
	case types.StoreInt32:
		v.I = int64(r.Int32())
	default:
		v.I = r.Int64()
	}
	return v
}

func randomVector(r *rand.Rand, t types.Type, n int, dict *vector.Vector) *vector.Vector {
	switch r.IntN(4) {
	case 0:
		return vector.FromValue(randomValue(r, t), n)
	case 1:
		if dict != nil && dict.Len > 0 {
			codes := make([]int32, n)
			for i := range codes {
				codes[i] = r.Int32N(int32(dict.Len))
			}
			v := vector.NewDict(codes, dict)
			if n > 0 && r.IntN(2) == 0 {
				v.SetNull(r.IntN(n))
			}
			return v
		}
	}
	skip := r.IntN(3) // an odd offset into a longer vector
	b := vector.NewBuilder(t, n)
	for range n + skip {
		b.Append(randomValue(r, t))
	}
	return vector.Slice(b.Finish(), skip, n+skip)
}

// randomBatches makes batches whose columns share dictionaries over time.
func randomBatches(r *rand.Rand, count, rows int) []*vector.Batch {
	dicts := make([]*vector.Vector, len(testTypes))
	var out []*vector.Batch
	for range count {
		b := &vector.Batch{Rows: r.IntN(rows + 1), Owned: true}
		for i, t := range testTypes {
			if dicts[i] == nil || r.IntN(3) == 0 {
				d := vector.NewBuilder(t, 5)
				for d.Len() < 1+r.IntN(30) {
					if v := randomValue(r, t); !v.Null {
						d.Append(v)
					}
				}
				dicts[i] = d.Finish()
			}
			b.Cols = append(b.Cols, randomVector(r, t, b.Rows, dicts[i]))
		}
		out = append(out, b)
	}
	return out
}

func text(b *vector.Batch) (rows []string) {
	for i := range b.Rows {
		s := ""
		for _, c := range b.Cols {
			s += fmt.Sprintf("%+v|", c.Get(i))
		}
		rows = append(rows, s)
	}
	return rows
}

func texts(bs []*vector.Batch) (rows []string) {
	for _, b := range bs {
		rows = append(rows, text(b)...)
	}
	return rows
}

func equal(t *testing.T, what string, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d rows, want %d", what, len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("%s: row %d is\n%s, want\n%s", what, i, got[i], want[i])
		}
	}
}

// TestWire: random batches of all storages and encodings survive encoding,
// framing and compression; every truncation is refused without a panic.
func TestWire(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		enc, dec := newEncoder(), newDecoder(NewSchema(testFields()))
		for _, b := range randomBatches(r, 8, 300) {
			blk, err := enc.encode(b)
			if err != nil {
				t.Fatal(err)
			}
			var a assembly
			for _, f := range blk.compress(Compression(seed % 3)).frames() {
				if err := a.add(mem.BufferSlice{mem.SliceBuffer(f.buffers.Materialize())}); err != nil {
					t.Fatal(err)
				}
			}
			data := append([]byte(nil), a.data...)
			got, err := a.batch(dec)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "batch", text(got), text(b))
			for n := 0; n < len(data); n += 1 + len(data)/50 {
				short := append(vector.Alloc(0), data[:n]...)
				newDecoder(NewSchema(testFields())).decode(short)
				flipped := append(vector.Alloc(0), data...)
				flipped[n] ^= 0x55
				newDecoder(NewSchema(testFields())).decode(flipped)
			}
		}
	}
}

func attemptNo(q, part, number int) scheduler.Attempt {
	return scheduler.Attempt{TaskID: scheduler.TaskID{Query: scheduler.QueryID(q), Stage: 2, Partition: part}, Epoch: 1, Number: number}
}

// cluster is a worker's and an executor's service in one process.
type testCluster struct {
	dir    string
	depot  *Depot
	store  *Store
	remote *Remote
	local  *Remote
}

func newTestCluster(t *testing.T, c Compression) *testCluster {
	dir, mine := t.TempDir(), t.TempDir()
	tc := &testCluster{dir: dir, depot: NewDepot(dir)}
	serve := func(s *Service) string {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		g := rpc.NewServer(rpc.Security{})
		clusterpb.RegisterShuffleServer(g, s)
		go g.Serve(l)
		t.Cleanup(g.Stop)
		return l.Addr().String()
	}
	worker := serve(&Service{Depot: tc.depot})
	pool := rpc.NewPool(rpc.Security{})
	t.Cleanup(pool.Close)
	conn, err := pool.Get(worker)
	if err != nil {
		t.Fatal(err)
	}
	tc.store = NewStore(&FileSpooler{Dir: mine, Compression: c, Committer: NewWorkerCommitter(clusterpb.NewShuffleClient(conn), dir)})
	executor := serve(&Service{Store: tc.store, Compression: c})
	tc.remote = &Remote{Pool: pool, Address: func(_ scheduler.Source, m scheduler.Mode) string {
		if m == scheduler.Spooled {
			return worker
		}
		return executor
	}}
	tc.local = &Remote{Pool: pool, Store: tc.store, Executor: "x", Worker: "w", Dir: dir}
	return tc
}

func (tc *testCluster) spool(t *testing.T, a scheduler.Attempt, parts [][]*vector.Batch) error {
	t.Helper()
	w, err := tc.store.NewWriter(a, []Output{{Edge: 3, Partitions: len(parts), Mode: scheduler.Spooled}}, memory.NewRoot("test", 0))
	if err != nil {
		t.Fatal(err)
	}
	for p, bs := range parts {
		for _, b := range bs {
			if err := w.Write(t.Context(), 3, p, b); err != nil {
				t.Fatal(err)
			}
		}
	}
	_, _, err = w.Finish(t.Context())
	if err != nil {
		w.Abort(err)
	}
	return err
}

func drain(ctx context.Context, s exec.Source) (rows []string, err error) {
	defer s.Close()
	for {
		b, err := s.Next(ctx)
		if err == io.EOF {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, text(b)...)
	}
}

func (tc *testCluster) read(t *testing.T, r *Remote, a scheduler.Attempt, mode scheduler.Mode, parts scheduler.Span) ([]string, error) {
	t.Helper()
	s, err := r.Open(t.Context(), scheduler.Source{Attempt: a, Worker: "w", Executor: "x"}, 3, mode, parts, NewSchema(testFields()))
	if err != nil {
		return nil, err
	}
	return drain(t.Context(), s)
}

// TestSpool: a spooled output reads the same here and through the worker, one
// partition or all; it is readable only once committed; drops and later attempts fence.
func TestSpool(t *testing.T) {
	for c := None; c <= Zstd; c++ {
		tc := newTestCluster(t, c)
		r := rand.New(rand.NewPCG(uint64(c), 2))
		parts := [][]*vector.Batch{randomBatches(r, 5, 900), nil, randomBatches(r, 3, 900)}
		a := attemptNo(7, 0, 2)
		var missing *MissingError
		for _, side := range []*Remote{tc.local, tc.remote} {
			if _, err := tc.read(t, side, a, scheduler.Spooled, One(0)); !errors.As(err, &missing) || missing.Key.Attempt != a {
				t.Fatalf("before the commit: %v", err)
			}
		}
		if err := tc.spool(t, a, parts); err != nil {
			t.Fatal(err)
		}
		for _, side := range []*Remote{tc.local, tc.remote} {
			var all []string
			for p := range parts {
				got, err := tc.read(t, side, a, scheduler.Spooled, One(p))
				if err != nil {
					t.Fatal(err)
				}
				equal(t, fmt.Sprint("partition ", p), got, texts(parts[p]))
				all = append(all, texts(parts[p])...)
			}
			for name, s := range map[string]scheduler.Span{"all partitions": All(), "partitions from 0": {From: 0, To: len(parts)}} {
				got, err := tc.read(t, side, a, scheduler.Spooled, s)
				if err != nil {
					t.Fatal(err)
				}
				equal(t, name, got, all)
			}
			got, err := tc.read(t, side, a, scheduler.Spooled, scheduler.Span{From: 1, To: len(parts)})
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "partitions from 1", got, all[len(texts(parts[0])):])
		}
		var refused *CommitError
		if err := tc.spool(t, attemptNo(7, 0, 1), parts); !errors.As(err, &refused) {
			t.Errorf("an older attempt commits: %v", err)
		}
		if err := tc.depot.Drop(7); err != nil {
			t.Fatal(err)
		}
		if err := tc.spool(t, attemptNo(7, 1, 1), parts); !errors.As(err, &refused) {
			t.Errorf("an attempt of a dropped query commits: %v", err)
		}
		if left, _ := os.ReadDir(tc.dir); len(left) > 0 {
			t.Errorf("%v is left", left)
		}
	}
}

// TestPipelined: batches flow to a consumer that came first, the producer is
// held back by credit, an early DONE ends it, and its failure arrives as it is.
func TestPipelined(t *testing.T) {
	tc := newTestCluster(t, None)
	acct := memory.NewRoot("test", 0)
	outs := []Output{{Edge: 3, Partitions: 2, Mode: scheduler.Pipelined}}
	batches := randomBatches(rand.New(rand.NewPCG(5, 5)), 40, 50)

	a := attemptNo(1, 0, 1)
	early := make(chan []string)
	go func() {
		rows, err := tc.read(t, tc.remote, a, scheduler.Pipelined, One(1))
		if err != nil {
			t.Error(err)
		}
		early <- rows
	}()
	time.Sleep(20 * time.Millisecond)
	w, err := tc.store.NewWriter(a, outs, acct)
	if err != nil {
		t.Fatal(err)
	}
	other, err := tc.remote.Open(t.Context(), scheduler.Source{Attempt: a, Worker: "w", Executor: "x"}, 3, scheduler.Pipelined, One(0), NewSchema(testFields()))
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		if err := w.Write(t.Context(), 3, 1, b); err != nil {
			t.Fatal(err)
		}
	}
	// Partition 0 is not read: credit holds the producer back.
	sent, stop := 0, time.After(300*time.Millisecond)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-stop; cancel() }()
	for ; w.Write(ctx, 3, 0, batches[sent%len(batches)]) == nil; sent++ {
	}
	if sent > fetchCredit+pipeCredit+1 || sent < fetchCredit {
		t.Errorf("%d batches were taken from the producer without a reader", sent)
	}
	other.Close()
	deadline := time.Now().Add(5 * time.Second)
	for w.open[3] == 2 && time.Now().Before(deadline) {
		if err := w.Write(t.Context(), 3, 0, batches[0]); err != nil {
			t.Fatal(err)
		}
	}
	if w.open[3] != 1 {
		t.Errorf("after DONE %d consumers are open", w.open[3])
	}
	if _, _, err := w.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	equal(t, "pipelined", <-early, texts(batches))

	a = attemptNo(2, 0, 1)
	if w, err = tc.store.NewWriter(a, outs, acct); err != nil {
		t.Fatal(err)
	}
	w.Abort(sqlerr.New(sqlerr.DivisionByZero, "division by zero"))
	s, err := tc.remote.Open(t.Context(), scheduler.Source{Attempt: a, Worker: "w", Executor: "x"}, 3, scheduler.Pipelined, One(0), NewSchema(testFields()))
	if err != nil {
		t.Fatal(err)
	}
	go func() { time.Sleep(50 * time.Millisecond); tc.store.Drop(2) }()
	var missing *MissingError
	if _, err := drain(t.Context(), s); !errors.As(err, &missing) {
		t.Errorf("a retracted output: %v", err)
	}
}

// TestLateConsumer: a consumer that comes after its producer has ended sees the
// end, and does not wait for ever.
func TestLateConsumer(t *testing.T) {
	tc := newTestCluster(t, None)
	a := attemptNo(4, 0, 1)
	w, err := tc.store.NewWriter(a, []Output{{Edge: 3, Partitions: 2, Mode: scheduler.Pipelined}}, memory.NewRoot("test", 0))
	if err != nil {
		t.Fatal(err)
	}
	if _, early, err := w.Finish(t.Context()); err != nil || early {
		t.Fatal(early, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	for _, side := range []*Remote{tc.local, tc.remote} {
		s, err := side.Open(ctx, scheduler.Source{Attempt: a, Worker: "w", Executor: "x"}, 3, scheduler.Pipelined, One(1), NewSchema(testFields()))
		if err != nil {
			t.Fatal(err)
		}
		if rows, err := drain(ctx, s); err != nil || len(rows) > 0 {
			t.Errorf("%d rows, %v", len(rows), err)
		}
	}
	tc.store.Drop(4)
	if n := len(tc.store.queues); n > 0 {
		t.Errorf("%d outputs outlive their query", n)
	}
}

// TestProducerError: a producer's error reaches its consumer as itself.
func TestProducerError(t *testing.T) {
	tc := newTestCluster(t, None)
	a := attemptNo(3, 0, 1)
	w, err := tc.store.NewWriter(a, []Output{{Edge: 3, Partitions: 1, Mode: scheduler.Pipelined}}, memory.NewRoot("test", 0))
	if err != nil {
		t.Fatal(err)
	}
	b := randomBatches(rand.New(rand.NewPCG(5, 5)), 1, 50)[0]
	if err := w.Write(t.Context(), 3, 0, b); err != nil {
		t.Fatal(err)
	}
	s, err := tc.remote.Open(t.Context(), scheduler.Source{Attempt: a, Worker: "w", Executor: "x"}, 3, scheduler.Pipelined, One(0), NewSchema(testFields()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Abort(sqlerr.New(sqlerr.DivisionByZero, "division by zero").WithHint("don't"))
	_, err = drain(t.Context(), s)
	if e := sqlerr.From(err); e.Code != sqlerr.DivisionByZero || e.Message != "division by zero" || e.Hint != "don't" {
		t.Errorf("the consumer sees %v", err)
	}
}
