package planpb

import (
	"slices"
	"time"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/function"
)

// Encode writes a plan and what its query fixes. The catalog lookup of the
// context stays behind: it works on the driver only.
func Encode(p *physical.Plan, c *function.Context) ([]byte, error) {
	w := &writer{kinds: newRegistry()}
	list(w, p.Stages, w.stage)
	list(w, p.Edges, w.edge)
	w.int(int64(p.Result))
	w.fields(p.Fields)
	w.int(int64(p.Ops))
	w.context(c)
	return w.b, w.err
}

// Decode reads what Encode wrote.
func Decode(b []byte) (*physical.Plan, *function.Context, error) {
	r := &reader{b: b, kinds: newRegistry()}
	p := &physical.Plan{Stages: readList(r, r.stage), Edges: readList(r, r.edge), Result: physical.EdgeID(r.int()),
		Fields: r.fields(), Ops: int(r.int())}
	c := r.context()
	if r.err == nil && len(r.b) > 0 {
		r.fail("%d bytes too many", len(r.b))
	}
	return p, c, r.err
}

func (w *writer) stage(s *physical.Stage) {
	w.int(int64(s.ID))
	w.node(s.Root)
	edges := func(e physical.EdgeID) { w.int(int64(e)) }
	list(w, s.Inputs, edges)
	list(w, s.Outputs, edges)
	list(w, s.Tasks, w.task)
	w.bool(s.Deterministic)
	w.bool(s.Local)
}

func (r *reader) stage() *physical.Stage {
	edge := func() physical.EdgeID { return physical.EdgeID(r.int()) }
	return &physical.Stage{ID: physical.StageID(r.int()), Root: r.node(), Inputs: readList(r, edge), Outputs: readList(r, edge),
		Tasks: readList(r, r.task), Deterministic: r.bool(), Local: r.bool()}
}

func (w *writer) task(t physical.TaskSpec) {
	w.int(int64(t.Partition))
	ops := make([]physical.OpID, 0, len(t.Splits))
	for op := range t.Splits {
		ops = append(ops, op)
	}
	slices.Sort(ops)
	w.bool(t.Splits != nil)
	list(w, ops, func(op physical.OpID) {
		w.int(int64(op))
		list(w, t.Splits[op], w.split)
		c, ok := t.Cuts[op]
		if w.bool(ok); ok {
			w.int(int64(c.Column))
			w.int(c.Least)
			w.int(c.Greatest)
			w.ints(c.Mixed)
		}
	})
}

func (r *reader) task() physical.TaskSpec {
	t := physical.TaskSpec{Partition: int(r.int())}
	if r.bool() {
		t.Splits = map[physical.OpID][]catalog.Split{}
	}
	readList(r, func() struct{} {
		op := physical.OpID(r.int())
		splits := readList(r, r.split)
		if r.err == nil && t.Splits != nil {
			t.Splits[op] = splits
		}
		if r.bool() {
			c := physical.Cut{Column: int(r.int()), Least: r.int(), Greatest: r.int(), Mixed: r.ints()}
			if t.Cuts == nil {
				t.Cuts = map[physical.OpID]physical.Cut{}
			}
			t.Cuts[op] = c
		}
		return struct{}{}
	})
	return t
}

func (w *writer) split(s catalog.Split) {
	w.string(string(s.Payload))
	list(w, s.Hosts, w.string)
	w.int(s.Rows)
	w.int(s.Bytes)
	w.string(s.Version)
}

func (r *reader) split() catalog.Split {
	s := catalog.Split{Hosts: nil}
	s.Payload = []byte(r.string())
	s.Hosts = readList(r, r.string)
	s.Rows, s.Bytes, s.Version = r.int(), r.int(), r.string()
	return s
}

func (w *writer) edge(e *physical.Edge) {
	w.int(int64(e.ID))
	w.int(int64(e.From))
	w.int(int64(e.To))
	w.uint(uint64(e.Partitioning.Kind))
	w.ints(e.Partitioning.Keys)
	w.int(int64(e.Partitioning.N))
	list(w, e.Partitioning.Bounds, w.int)
	w.uint(uint64(e.Mode))
	w.bool(e.CanPipeline)
	w.string(e.Why)
	w.keys(e.Ordering)
	w.fields(e.Fields)
	w.float(e.Rows)
	w.float(e.Bytes)
	w.ints(e.Keys)
}

func (r *reader) edge() *physical.Edge {
	return &physical.Edge{ID: physical.EdgeID(r.int()), From: physical.StageID(r.int()), To: physical.StageID(r.int()),
		Partitioning: physical.Partitioning{Kind: physical.PartitionKind(r.uint()), Keys: r.ints(), N: int(r.int()),
			Bounds: readList(r, r.int)},
		Mode: physical.ExchangeMode(r.uint()), CanPipeline: r.bool(), Why: r.string(), Ordering: r.keys(), Fields: r.fields(),
		Rows: r.float(), Bytes: r.float(), Keys: r.ints()}
}

func (w *writer) context(c *function.Context) {
	w.bool(c != nil)
	if c == nil {
		return
	}
	w.int(c.Now.Unix())
	w.int(int64(c.Now.Nanosecond()))
	w.location(c.Now.Location(), c.Now)
	w.bool(c.Location != nil)
	if c.Location != nil {
		w.location(c.Location, c.Now)
	}
	w.string(c.User)
	w.string(c.Database)
	list(w, c.Schemas, w.string)
	names := make([]string, 0, len(c.Settings))
	for name := range c.Settings {
		names = append(names, name)
	}
	slices.Sort(names)
	list(w, names, func(name string) {
		w.string(name)
		w.string(c.Settings[name])
	})
	w.uint(c.Seed)
}

func (r *reader) context() *function.Context {
	if !r.bool() {
		return nil
	}
	c := &function.Context{}
	sec, nsec := r.int(), r.int()
	c.Now = time.Unix(sec, nsec).In(r.location())
	if r.bool() {
		c.Location = r.location()
	}
	c.User, c.Database, c.Schemas = r.string(), r.string(), readList(r, r.string)
	c.Settings = map[string]string{}
	readList(r, func() struct{} {
		name := r.string()
		c.Settings[name] = r.string()
		return struct{}{}
	})
	c.Seed = r.uint()
	return c
}

// location writes a zone by name and, for one that has only an offset, by that.
func (w *writer) location(l *time.Location, at time.Time) {
	_, offset := at.In(l).Zone()
	w.string(l.String())
	w.int(int64(offset))
}

func (r *reader) location() *time.Location {
	name, offset := r.string(), int(r.int())
	if name != "Local" {
		if l, err := time.LoadLocation(name); err == nil {
			return l
		}
	}
	return time.FixedZone(name, offset)
}
