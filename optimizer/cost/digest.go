package cost

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/logical"
)

// Digest names a subplan by what it computes: equal for subplans of different
// queries that join the same versions of the same tables under the same conditions, in whatever order.
type Digest [16]byte

// shape is a subplan in a form without order: tables and other sources, the
// conditions over them, and the joins of other kinds on top.
type shape struct {
	leaves []string
	equal  [][2]string // columns that conditions make equal
	conds  []string
	ops    []string
	tables []uint64
	bad    bool // it cannot be named: volatile, or of data without identity
}

// namer makes the shapes of one query's plans.
type namer struct {
	names  map[expr.ColumnID]string
	shapes map[logical.Node]*shape
	tables map[catalog.Table]version
}

// version is a table's data.
type version struct {
	leaf   string
	digest uint64
	ok     bool // it has an identity
}

func newNamer() *namer {
	return &namer{names: map[expr.ColumnID]string{}, shapes: map[logical.Node]*shape{}, tables: map[catalog.Table]version{}}
}

// merge adds another shape's parts.
func (s *shape) merge(o *shape) {
	s.leaves = append(s.leaves, o.leaves...)
	s.equal = append(s.equal, o.equal...)
	s.conds = append(s.conds, o.conds...)
	s.ops = append(s.ops, o.ops...)
	s.tables = append(s.tables, o.tables...)
	s.bad = s.bad || o.bad
}

func (k *namer) shape(n logical.Node) *shape {
	if s, ok := k.shapes[n]; ok {
		return s
	}
	s := &shape{}
	k.fill(s, n)
	k.shapes[n] = s
	return s
}

func (k *namer) fill(s *shape, n logical.Node) {
	switch x := n.(type) {
	case *logical.Scan:
		k.scan(s, x)
	case *logical.Filter:
		s.merge(k.shape(x.Input))
		k.conditions(s, x.Preds)
	case *logical.Project:
		s.merge(k.shape(x.Input))
		k.items(x.Items, "")
	case *logical.Sort:
		s.merge(k.shape(x.Input))
	case *logical.Fetch:
		s.merge(k.shape(x.Input))
		for _, c := range x.Cols {
			k.names[c.ID] = x.Catalog + "." + x.SchemaName + "." + x.Name + "." + c.Field.Name
		}
	case *logical.Window:
		s.merge(k.shape(x.Input))
		for _, c := range x.Calls {
			k.names[c.Col.ID] = "window " + hashed(x.String())
		}
	case *logical.Reuse:
		s.merge(k.shape(x.Input))
		for i, c := range x.Input.Schema() {
			k.names[x.Cols[i].ID] = k.names[c.ID]
		}
	case *logical.Join:
		k.join(s, x)
	case *logical.Aggregate:
		k.aggregate(s, x)
	case *logical.Limit:
		k.leaf(s, fmt.Sprintf("limit %d %d", x.Count, x.Offset), x.Input)
		s.bad = s.bad || x.WithTies || x.CountExpr != nil || x.OffsetExpr != nil
	case *logical.TopN:
		k.leaf(s, fmt.Sprintf("limit %d %d", x.Count, x.Offset), x.Input)
	case *logical.Union:
		k.leaf(s, "union", x.Inputs...)
		for i, c := range x.Cols {
			k.names[c.ID] = fmt.Sprintf("%s.%d", s.leaves[0], i)
		}
	case *logical.Values:
		text := x.String()
		for _, r := range x.Rows {
			text += "(" + k.texts(s, r, ",") + ")"
		}
		s.leaves = []string{"values " + hashed(text)}
		for i, c := range x.Cols {
			k.names[c.ID] = fmt.Sprintf("%s.%d", s.leaves[0], i)
		}
	default:
		s.bad = true
	}
}

// scan names a table with its version.
func (k *namer) scan(s *shape, x *logical.Scan) {
	v := k.version(x)
	if s.bad = !v.ok || x.Limit >= 0; s.bad {
		return
	}
	s.tables, s.leaves = []uint64{v.digest}, []string{v.leaf}
	name := x.Catalog + "." + x.SchemaName + "." + x.Name
	for _, c := range x.Cols {
		k.names[c.ID] = name + "." + c.Field.Name
	}
	k.conditions(s, x.Filters)
}

func (k *namer) version(x *logical.Scan) version {
	name := x.Catalog + "." + x.SchemaName + "." + x.Name
	if x.Table == nil || !reflect.TypeOf(x.Table).Comparable() {
		return version{}
	}
	v, ok := k.tables[x.Table]
	if ok {
		return v
	}
	if id, ok := x.Table.(catalog.Identified); ok {
		if i := id.Identity(); i != "" {
			sum := sha256.Sum256([]byte(name + "@" + i))
			v = version{name + "@" + hex.EncodeToString(sum[:8]), binary.LittleEndian.Uint64(sum[:]), true}
		}
	}
	k.tables[x.Table] = v
	return v
}

// join flattens inner joins; a join of another kind that keeps left rows stands
// beside what it is applied to, since it may be applied sooner or later.
func (k *namer) join(s *shape, x *logical.Join) {
	switch x.Kind {
	case logical.Inner:
		s.merge(k.shape(x.L))
		s.merge(k.shape(x.R))
		k.conditions(s, x.On)
	case logical.Semi, logical.Anti, logical.Mark, logical.Left, logical.Single:
		s.merge(k.shape(x.L))
		k.op(s, x.Kind, x.R, x.On, x.NullAware, x.MarkCol)
	default:
		k.leaf(s, x.Kind.String(), x.L, x.R)
		s.leaves[0] += " on " + k.texts(s, x.On, " and ")
	}
}

func (k *namer) op(s *shape, kind logical.JoinKind, right logical.Node, on []expr.Expr, nullAware bool, mark logical.Column) {
	r := k.shape(right)
	s.bad = s.bad || r.bad
	s.tables = append(s.tables, r.tables...)
	text := fmt.Sprintf("%s %t %x on %s", kind, nullAware, r.digest(), k.texts(s, on, " and "))
	if kind == logical.Mark {
		k.names[mark.ID] = "mark " + hashed(text)
	}
	s.ops = append(s.ops, text)
}

func (k *namer) aggregate(s *shape, x *logical.Aggregate) {
	groups := make([]expr.Expr, len(x.Groups))
	for i, g := range x.Groups {
		groups[i] = g.Expr
	}
	in := k.shape(x.Input)
	keys := strings.Split(k.texts(s, groups, "\x00"), "\x00")
	if x.Sets == nil {
		slices.Sort(keys)
	}
	k.leaf(s, "group "+strings.Join(keys, ",")+fmt.Sprint(x.Sets), x.Input)
	k.items(x.Groups, "")
	prefix := hex.EncodeToString(in.bytes())
	for _, a := range x.Aggs {
		k.names[a.Col.ID] = "agg " + hashed(prefix+strings.Join(keys, ",")+a.Func.Name+fmt.Sprint(a.Distinct, a.Filter != nil)+k.texts(s, a.Args, ","))
	}
}

// leaf makes a single source of what inputs are put to.
func (k *namer) leaf(s *shape, what string, inputs ...logical.Node) {
	for _, n := range inputs {
		in := k.shape(n)
		what += " " + hex.EncodeToString(in.bytes())
		s.tables = append(s.tables, in.tables...)
		s.bad = s.bad || in.bad
	}
	s.leaves = []string{what}
}

func (k *namer) items(items []logical.Item, prefix string) {
	for _, it := range items {
		if c, ok := it.Expr.(*expr.Column); ok {
			k.names[it.Col.ID] = k.names[c.ID]
			continue
		}
		k.names[it.Col.ID] = prefix + k.text(it.Expr)
	}
}

// conditions adds conjuncts: equalities of columns as such, whatever their
// order and which of several equal columns they name.
func (k *namer) conditions(s *shape, preds []expr.Expr) {
	for _, p := range preds {
		for _, e := range expr.Conjuncts(p) {
			if c, ok := e.(*expr.Call); ok && c.Func.Name == "=" && len(c.Args) == 2 {
				l, ok1 := c.Args[0].(*expr.Column)
				r, ok2 := c.Args[1].(*expr.Column)
				if ok1 && ok2 {
					s.equal = append(s.equal, [2]string{k.names[l.ID], k.names[r.ID]})
					continue
				}
			}
			s.conds = append(s.conds, k.texts(s, []expr.Expr{e}, ""))
		}
	}
}

// texts prints expressions over named columns.
func (k *namer) texts(s *shape, es []expr.Expr, sep string) string {
	out := make([]string, len(es))
	for i, e := range es {
		s.bad = s.bad || expr.Volatile(e)
		out[i] = k.text(e)
	}
	return strings.Join(out, sep)
}

func (k *namer) text(e expr.Expr) string {
	t := expr.Transform(e, func(x expr.Expr) expr.Expr {
		if c, ok := x.(*expr.Column); ok {
			return &expr.Column{ID: c.ID, Name: k.names[c.ID], Typ: c.Typ}
		}
		return x
	}).String()
	if len(t) > 200 {
		return hashed(t)
	}
	return t
}

func hashed(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

func (s *shape) bytes() []byte {
	d := s.digest()
	return d[:]
}

// digest hashes the shape's parts in a fixed order.
func (s *shape) digest() Digest {
	var b strings.Builder
	for _, list := range [][]string{sorted(s.leaves, false), s.classes(), sorted(s.conds, true), sorted(s.ops, true)} {
		for _, x := range list {
			b.WriteString(x)
			b.WriteByte(0)
		}
		b.WriteByte(1)
	}
	sum := sha256.Sum256([]byte(b.String()))
	return Digest(sum[:16])
}

func sorted(list []string, unique bool) []string {
	out := slices.Clone(list)
	slices.Sort(out)
	if unique {
		out = slices.Compact(out)
	}
	return out
}

// classes lists the sets of equal columns, each as one text.
func (s *shape) classes() []string {
	parent := map[string]string{}
	var find func(string) string
	find = func(x string) string {
		p, ok := parent[x]
		if !ok || p == x {
			parent[x] = x
			return x
		}
		root := find(p)
		parent[x] = root
		return root
	}
	for _, e := range s.equal {
		if a, b := find(e[0]), find(e[1]); a != b {
			parent[a] = b
		}
	}
	members := map[string][]string{}
	for x := range parent {
		r := find(x)
		members[r] = append(members[r], x)
	}
	out := make([]string, 0, len(members))
	for _, m := range members {
		out = append(out, strings.Join(sorted(m, false), "="))
	}
	slices.Sort(out)
	// Two instances of one table give a column the same name: count the conditions too.
	var selfs []string
	for _, e := range s.equal {
		if e[0] == e[1] {
			selfs = append(selfs, e[0])
		}
	}
	return append(out, sorted(selfs, false)...)
}
