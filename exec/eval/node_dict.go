package eval

import (
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/function"
	"github.com/flintsql/flint/sql/types"
)

// compileDict makes a dictNode of a subtree that reads just one string column;
// nil if e is not such a subtree.
func (k *compiler) compileDict(e expr.Expr) (node, error) {
	in := soleInput(e)
	if in == nil || in.Typ.Storage() != types.StoreBytes || e.Type().Storage() == types.StoreList || expr.Volatile(e) {
		return nil, nil
	}
	switch x := e.(type) {
	case *expr.Cast:
		if function.Relabels(x.Arg.Type(), x.To) {
			return nil, nil // costs nothing by itself
		}
	case *expr.Test:
		if _, leaf := x.Arg.(*expr.Input); leaf {
			return nil, nil // the rows' bitmap answers it
		}
	}
	direct := newCompiler(k.in, k.c, false)
	row, err := direct.compile(e)
	if err != nil {
		return nil, err
	}
	local := expr.Transform(e, func(x expr.Expr) expr.Expr {
		if _, ok := x.(*expr.Input); ok {
			return &expr.Input{Index: 0, Name: in.Name, Typ: in.Typ}
		}
		return x
	})
	sub := newCompiler([]types.Type{in.Typ}, k.c, false)
	entry, err := sub.compile(local)
	if err != nil {
		return nil, err
	}
	p := &Program{roots: []node{entry}, out: make([]*vector.Vector, 1), st: state{c: k.c}}
	return &dictNode{input: in.Index, typ: e.Type(), direct: row, entries: p}, nil
}

// soleInput returns the one column that a call reads, nil for several or none.
func soleInput(e expr.Expr) *expr.Input {
	var in *expr.Input
	many := false
	expr.Walk(e, func(x expr.Expr) bool {
		if i, ok := x.(*expr.Input); ok {
			many = many || in != nil && in.Index != i.Index
			in = i
		}
		return !many
	})
	if many {
		return nil
	}
	return in
}

// dictNode evaluates its subtree once for each entry of a column's dictionary,
// and row by row where the column has none, where the dictionary is too large
// to pay off, or where some entry (which no row may use) raises an error.
type dictNode struct {
	input   int
	typ     types.Type
	direct  node
	entries *Program
	tables  [4]*dictTable // of the dictionaries seen last
	next    int
	reg     register
	codes   []int32
}

// dictTable is the result over a dictionary: one value per entry, and one more
// for NULL rows.
type dictTable struct {
	dict   *vector.Vector
	seen   int // rows that referred to the dictionary
	failed bool
	values *vector.Vector // nil until computed; Flat
	dense  *vector.Vector // values without its bitmap, for Dict results
	truth  []uint8        // boolean results: 1 where true
	holes  bool           // some entry, other than that for NULL rows, gives NULL
}

func (d *dictNode) eval(st *state, x *scope) (*vector.Vector, error) {
	v := st.b.Cols[d.input]
	t := d.table(st, v, st.count(x))
	if t == nil {
		return d.direct.eval(st, x)
	}
	codes := d.entryCodes(v, t)
	var valid []byte
	switch nullRow := t.values.IsNull(t.values.Len - 1); {
	case !t.holes && (v.Valid == nil || !nullRow):
	case !t.holes:
		valid = v.Valid
	default:
		valid = d.reg.allValid(st.n)
		for _, i := range st.rows(x) {
			if t.values.IsNull(int(codes[i])) {
				valid[i>>3] &^= 1 << (i & 7)
			}
		}
	}
	if d.typ.Storage() == types.StoreBytes {
		return &vector.Vector{Type: d.typ, Enc: vector.Dict, Len: st.n, Valid: valid, Codes: codes, Dictionary: t.dense}, nil
	}
	out := d.reg.begin(d.typ, st.n)
	out.Valid = valid
	dv := vector.Vector{Type: d.typ, Enc: vector.Dict, Len: st.n, Codes: codes, Dictionary: t.values}
	return out, gatherDict(out, &dv, x.sel)
}

// entryCodes returns the rows' positions in the table: NULL rows take the last.
func (d *dictNode) entryCodes(v *vector.Vector, t *dictTable) []int32 {
	if v.Valid == nil {
		return v.Codes
	}
	d.codes = append(d.codes[:0], v.Codes...)
	null := int32(t.values.Len - 1)
	for i := range d.codes {
		if v.IsNull(i) {
			d.codes[i] = null
		}
	}
	return d.codes
}

// table returns the computed table of v's dictionary, or nil if there is none
// (yet): computing one pays once about as many rows have asked for it.
func (d *dictNode) table(st *state, v *vector.Vector, rows int) *dictTable {
	if v.Enc != vector.Dict || rows == 0 {
		return nil
	}
	var t *dictTable
	for _, c := range d.tables {
		if c != nil && c.dict == v.Dictionary {
			t = c
		}
	}
	if t == nil {
		t = &dictTable{dict: v.Dictionary}
		d.tables[d.next] = t
		d.next = (d.next + 1) % len(d.tables)
	}
	t.seen += rows
	if t.values == nil && !t.failed && v.Dictionary.Len <= 2*t.seen+64 {
		d.compute(t)
	}
	if t.values == nil {
		return nil
	}
	return t
}

func (d *dictNode) compute(t *dictTable) {
	idx := make([]int32, t.dict.Len+1)
	for i := range idx {
		idx[i] = int32(i)
	}
	idx[t.dict.Len] = -1
	col := vector.Take(t.dict, idx)
	r, err := d.entries.Eval(&vector.Batch{Rows: len(idx), Cols: []*vector.Vector{col}})
	if err != nil {
		t.failed = true
		return
	}
	values := vector.Flatten(r[0]).Clone()
	for i := 0; i < values.Len-1; i++ {
		t.holes = t.holes || values.IsNull(i)
	}
	dense := *values
	dense.Valid = nil
	t.values, t.dense = values, &dense
	if d.typ.Kind == types.Bool {
		t.truth = make([]uint8, values.Len)
		for i := range t.truth {
			if !values.IsNull(i) {
				t.truth[i] = values.Data[i]
			}
		}
	}
}
