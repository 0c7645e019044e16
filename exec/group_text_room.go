package exec

import "github.com/flintsql/flint/exec/vector"

// textRows are rows of a column that get codes, of which those from at on have none yet.
type textRows struct {
	v     *vector.Vector
	sel   []int32
	at, n int
}

// full reports whether another text needs memory.
func (x *textCodes) full(b []byte) bool {
	n := len(x.hashes)
	return (n+1)*3 > len(x.slots)*2 || n == cap(x.hashes) || len(x.off) == cap(x.off) || len(x.data)+len(b) > cap(x.data)
}

// extend makes room for all texts of the rows being encoded, so that no batch extends an array twice: what growth
// announced from the same bounds is then the most that it takes.
func (x *textCodes) extend() {
	entries, data := x.ahead(x.src)
	x.hashes, x.off, x.data = grown(x.hashes, entries), grown(x.off, entries), grown(x.data, data)
	if x.reserve(len(x.hashes) + entries) {
		for e, h := range x.hashes {
			x.insert(h, e)
		}
	}
}

// ahead is how many new texts the rows bring at most, and their bytes.
func (x *textCodes) ahead(r textRows) (entries, data int) {
	v := r.v
	if v.Enc == vector.Const {
		if v.IsNull(0) {
			return 0, 0
		}
		return 1, len(v.Bytes(0))
	}
	d, seen := v.Base(), (*dictCodes)(nil)
	if v.Enc == vector.Dict {
		seen = x.seen(d)
	}
	if d.Len == 0 || seen != nil && seen.more == 0 {
		return 0, 0
	}
	switch n := r.n - r.at; { // a dictionary of fewer texts than there are rows bounds them well enough
	case seen != nil && seen.more <= n:
		return seen.more, seen.left
	case seen == nil && v.Enc == vector.Dict && d.Len <= min(n, codedDictLargest):
		return d.Len, textBytes(d)
	}
	for k := r.at; k < r.n; k++ {
		i := k
		if r.sel != nil {
			i = int(r.sel[k])
		}
		e := i
		if v.Enc == vector.Dict {
			e = int(v.Codes[i])
		}
		if seen != nil && seen.codes[e] != 0 || v.Valid != nil && v.IsNull(i) {
			continue
		}
		entries++
		data += int(d.Offsets[e+1] - d.Offsets[e])
	}
	switch {
	case seen != nil:
		return min(entries, seen.more), min(data, seen.left)
	case v.Enc == vector.Dict && d.Len <= codedDictLargest:
		return min(entries, d.Len), min(data, textBytes(d))
	}
	return entries, data
}

// seen is what is known of a dictionary, nil if it is new.
func (x *textCodes) seen(d *vector.Vector) *dictCodes {
	for i := range x.dicts {
		if x.dicts[i].dict == d {
			return &x.dicts[i]
		}
	}
	return nil
}

// textBytes is how many bytes the texts of a dictionary take.
func textBytes(d *vector.Vector) int {
	if d.Len == 0 {
		return 0
	}
	return int(d.Offsets[d.Len] - d.Offsets[0])
}

// growth is what encoding the rows will allocate at most, and the greatest code that they may get.
func (x *textCodes) growth(r textRows) (total int64, last int) {
	v := r.v
	if v.Enc != vector.Const && cap(x.out) < v.Len {
		total += int64(4 * max(v.Len, vector.BatchSize))
	}
	if v.Enc == vector.Dict && v.Dictionary.Len <= codedDictLargest && x.seen(v.Dictionary) == nil {
		total += int64(4 * v.Dictionary.Len)
	}
	entries, data := x.ahead(r)
	total += x.slotTable.growth(len(x.hashes) + entries)
	total += growthFor(x.hashes, entries) + growthFor(x.off, entries) + growthFor(x.data, data)
	return total, len(x.hashes) + entries
}
