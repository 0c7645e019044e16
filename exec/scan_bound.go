package exec

import (
	"bytes"
	"math"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// topBound is what a TopN tells the scan beneath it: rows whose leading key
// sorts after that of the last row it would keep can't be in its result. It tightens while the scan runs, in the
// same goroutine.
type topBound struct {
	column int // position in the scan's Columns
	order  vector.KeyOrder
	strict bool // rows with an equal key can't either: it is the only one

	known bool
	null  bool
	val   value.Value
	word  uint64 // of fixed-width values of at most 64 bits
	text  []byte
	key   []byte // of others, their sort key

	words []uint64
	keys  vector.RowKeys
	codes *vector.Vector // the dictionary that verdicts is of
	// verdicts says of each entry of a dictionary whether it may be in the result: 0 = not yet known.
	verdicts []int8
}

// cheap reports a bound whose test costs less than that of most filters.
func (t *topBound) cheap() bool { return packedBits(t.val.Type) > 0 }

// topBound registers a bound with the scan that the leading key comes from; nil
// if there is none. It is called before the scan is made.
func (b *builder) topBound(n *physical.TopN) *topBound {
	if len(n.Keys) == 0 || n.Count == 0 {
		return nil
	}
	k := n.Keys[0]
	scan, column := traceColumn(n.Input, &expr.Input{Index: k.Column, Typ: n.Input.Info().Out[k.Column].Type})
	if scan == nil {
		return nil
	}
	f := b.filters[scan]
	if f == nil {
		f = &scanFilters{}
		b.filters[scan] = f
	}
	t := &topBound{column: column, order: vector.KeyOrder{Desc: k.Desc, NullsFirst: k.NullsFirst}, strict: len(n.Keys) == 1}
	t.keys.Orders = []vector.KeyOrder{t.order}
	f.tops = append(f.tops, t)
	return t
}

// set makes the leading key of row i the bound.
func (t *topBound) set(v *vector.Vector, i int) error {
	t.known, t.null, t.val, t.codes = true, v.IsNull(i), v.Get(i), nil
	row := []int32{int32(i)}
	switch {
	case t.null:
	case packedBits(v.Type) > 0:
		t.word = t.orderedWords(vector.Take(v, row), 1)[0]
	case v.Type.Storage() == types.StoreBytes:
		t.text = append(t.text[:0], textKey(v, i)...)
	default:
		if err := t.keys.Encode([]*vector.Vector{v}, row, 1); err != nil {
			return err
		}
		t.key = append(t.key[:0], t.keys.Row(0)...)
	}
	return nil
}

// orderedWords turns rows 0..n-1 into numbers in the order of the sort.
func (t *topBound) orderedWords(v *vector.Vector, n int) []uint64 {
	if cap(t.words) < n {
		t.words = make([]uint64, n)
	}
	w := t.words[:n]
	widen(w, v, nil)
	orderBits(w, v.Type.Storage(), packedBits(v.Type), t.order.Desc)
	return w
}

// textKey is the part of a text that counts in comparisons.
func textKey(v *vector.Vector, i int) []byte {
	if v.Type.Kind == types.Char {
		return vector.TrimBlanks(v.Bytes(i))
	}
	return v.Bytes(i)
}

// rangeOf gives the bound as a range of values; false if there is none to tell.
func (t *topBound) rangeOf() (catalog.Range, bool) {
	if !t.known || t.null {
		return catalog.Range{}, false
	}
	r, v := catalog.Range{Column: t.column, Nulls: t.order.NullsFirst}, t.val
	switch v.Type.Storage() {
	case types.StoreInt16, types.StoreInt32, types.StoreInt64:
		if t.strict { // ranges are inclusive; a bound that is the least value then prunes all
			v.I = stricter(v.I, t.order.Desc)
		}
	}
	if t.order.Desc {
		r.Min = &v
	} else {
		r.Max = &v
	}
	return r, true
}

// stricter is the next integer that sorts before x, x itself at the end.
func stricter(x int64, desc bool) int64 {
	switch {
	case desc && x < math.MaxInt64:
		return x + 1
	case !desc && x > math.MinInt64:
		return x - 1
	}
	return x
}

// filter keeps the rows of sel (nil = 0..n-1) that may be in the result, in dst,
// which must have room for n.
func (t *topBound) filter(v *vector.Vector, sel []int32, n int, dst []int32) ([]int32, error) {
	if sel == nil {
		sel = rowNumbers(0, n)
	}
	dst = dst[:0]
	null, value := t.nullPasses(), t.null && !t.order.NullsFirst
	switch {
	case t.null:
		for _, i := range sel {
			if v.IsNull(int(i)) && null || !v.IsNull(int(i)) && value {
				dst = append(dst, i)
			}
		}
	case packedBits(v.Type) > 0:
		limit := t.word
		if t.strict {
			if limit == 0 {
				return t.nulls(v, sel, dst, null), nil
			}
			limit--
		}
		w := t.orderedWords(v, n)
		for _, i := range sel {
			if v.Valid != nil && v.IsNull(int(i)) {
				if null {
					dst = append(dst, i)
				}
			} else if w[i] <= limit {
				dst = append(dst, i)
			}
		}
	case v.Type.Storage() == types.StoreBytes && v.Enc == vector.Dict:
		dst = t.filterCodes(v, sel, dst, null)
	case v.Type.Storage() == types.StoreBytes:
		for _, i := range sel {
			if v.Valid != nil && v.IsNull(int(i)) && null || !v.IsNull(int(i)) && t.passes(t.compareText(v, int(i))) {
				dst = append(dst, i)
			}
		}
	default:
		if err := t.keys.Encode([]*vector.Vector{v}, sel, n); err != nil {
			return nil, err
		}
		for k, i := range sel {
			if t.passes(bytes.Compare(t.keys.Row(k), t.key)) {
				dst = append(dst, i)
			}
		}
	}
	return dst, nil
}

// filterCodes is filter for texts of a dictionary, of which each is compared once.
func (t *topBound) filterCodes(v *vector.Vector, sel, dst []int32, null bool) []int32 {
	if t.codes != v.Dictionary {
		t.codes = v.Dictionary
		if n := v.Dictionary.Len; cap(t.verdicts) < n {
			t.verdicts = make([]int8, n)
		} else {
			t.verdicts = t.verdicts[:n]
			clear(t.verdicts)
		}
	}
	for _, i := range sel {
		if v.IsNull(int(i)) {
			if null {
				dst = append(dst, i)
			}
			continue
		}
		c := v.Codes[i]
		if t.verdicts[c] == 0 {
			t.verdicts[c] = -1
			if t.passes(t.compareText(v.Dictionary, int(c))) {
				t.verdicts[c] = 1
			}
		}
		if t.verdicts[c] > 0 {
			dst = append(dst, i)
		}
	}
	return dst
}

func (t *topBound) passes(c int) bool { return c < 0 || c == 0 && !t.strict }

// nullPasses reports whether a row whose leading key is NULL may be in the result.
func (t *topBound) nullPasses() bool {
	if t.null {
		return !t.strict
	}
	return t.order.NullsFirst
}

func (t *topBound) nulls(v *vector.Vector, sel, dst []int32, pass bool) []int32 {
	for _, i := range sel {
		if pass && v.IsNull(int(i)) {
			dst = append(dst, i)
		}
	}
	return dst
}

func (t *topBound) compareText(v *vector.Vector, i int) int {
	c := bytes.Compare(textKey(v, i), t.text)
	if t.order.Desc {
		c = -c
	}
	return c
}
