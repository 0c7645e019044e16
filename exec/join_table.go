package exec

import (
	"slices"

	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// joinTable is a built side: its rows in concatenated columns, and an index of
// the distinct keys. It is immutable once finished; each prober has its own joinProber.
type joinTable struct {
	cols   []*vector.Vector
	rows   int
	layout keyLayout
	ranks  *rankIndex // a single dense integer key
	one    packedIndex[uint64]
	two    packedIndex[[2]uint64]
	three  packedIndex[[3]uint64]
	bytesx bytesIndex

	unique bool    // every entry has one row
	rowOf  []int32 // unique: entry → row, nil where they are the same
	starts []int32 // not unique: rows of entry e are order[starts[e]:starts[e+1]]
	order  []int32
	noKeys bool // a cross join: all rows are in entry 0
}

// keySkips says which rows can't match: a NULL in a key that is not null-safe.
func keySkips(cols []*vector.Vector, nullSafe []bool, sel []int32, n int, skip []bool) ([]bool, bool) {
	if sel != nil {
		n = len(sel)
	}
	found := false
	for c, v := range cols {
		if v.Valid == nil || c < len(nullSafe) && nullSafe[c] {
			continue
		}
		if !found {
			found = true
			if cap(skip) < n {
				skip = make([]bool, n)
			}
			skip = skip[:n]
			clear(skip)
		}
		for k := range skip {
			i := k
			if sel != nil {
				i = int(sel[k])
			}
			skip[k] = skip[k] || v.IsNull(i)
		}
	}
	return skip, found
}

// joinLayout packs keys where it can; null-safe keys carry NULL as a bit.
func joinLayout(ts []types.Type, nullSafe []bool) keyLayout {
	mode := nullsNever
	for _, s := range nullSafe {
		if s {
			mode = nullsAsBits
		}
	}
	return newKeyLayout(ts, mode)
}

// index enters all rows by the key columns, which lie over the same rows.
// may asks for memory that can be done without.
func (t *joinTable) index(keys []*vector.Vector, nullSafe []bool, may func(int64) bool) error {
	if len(keys) == 0 {
		t.noKeys = true
		t.starts, t.order = []int32{0, int32(t.rows)}, rowNumbers(0, t.rows)
		return nil
	}
	ts := make([]types.Type, len(keys))
	for i, k := range keys {
		ts[i] = k.Type
	}
	t.layout = joinLayout(ts, nullSafe)
	integers := rankable(ts, nullSafe)
	if integers && t.indexRanks(keys[:1], may) {
		return nil
	}
	entry := make([]int32, t.rows)
	var err error
	n := 0
	if integers {
		n = t.hashIntegers(keys[0], entry)
	} else {
		n, err = t.indexHashed(keys, nullSafe, entry)
	}
	if err != nil {
		return err
	}
	t.group(entry, n)
	return nil
}

func integerStorage(t types.Type) bool {
	switch t.Storage() {
	case types.StoreInt16, types.StoreInt32, types.StoreInt64:
		return true
	}
	return false
}

// rankable reports whether the keys are one integer that NULL does not match.
func rankable(ts []types.Type, nullSafe []bool) bool {
	return len(ts) == 1 && integerStorage(ts[0]) && (len(nullSafe) == 0 || !nullSafe[0])
}

// hashIntegers hashes one integer key. It returns the number of entries.
func (t *joinTable) hashIntegers(key *vector.Vector, entry []int32) int {
	keys := make([]uint64, t.rows)
	widen(keys, key, nil)
	skip, nulls := keySkips([]*vector.Vector{key}, nil, nil, t.rows, nil)
	t.one.reserve(t.rows)
	t.one.keys = make([]uint64, 0, t.rows)
	for from := 0; from < len(keys); from += vector.BatchSize {
		to := min(from+vector.BatchSize, len(keys))
		if !nulls {
			t.one.assign(keys[from:to], entry[from:to], nil)
			continue
		}
		for i := from; i < to; i++ {
			if entry[i] = -1; !skip[i] {
				t.one.assign(keys[i:i+1], entry[i:i+1], nil)
			}
		}
	}
	if len(t.one.keys) < t.rows/4 {
		t.one.keys = slices.Clone(t.one.keys)
	}
	return len(t.one.keys)
}

// indexHashed enters keys of any other shape, a batch of rows at a time.
func (t *joinTable) indexHashed(keys []*vector.Vector, nullSafe []bool, entry []int32) (int, error) {
	fillInt32(entry, -1)
	packer := keyPacker{layout: t.layout}
	var enc vector.RowKeys
	var skip []bool
	found := make([]int32, vector.BatchSize)
	for from := 0; from < t.rows; from += vector.BatchSize {
		sel := rowNumbers(from, min(from+vector.BatchSize, t.rows))
		var nulls bool
		if skip, nulls = keySkips(keys, nullSafe, sel, 0, skip); nulls {
			kept := sel[:0]
			for k, i := range sel {
				if !skip[k] {
					kept = append(kept, i)
				}
			}
			sel = kept
		}
		if len(sel) == 0 {
			continue
		}
		part := found[:len(sel)]
		if t.layout.words > 0 {
			packer.pack(keys, sel, 0)
		} else if err := enc.Encode(keys, sel, 0); err != nil {
			return 0, err
		}
		switch t.layout.words {
		case 0:
			t.bytesx.assign(&enc, len(sel), part, nil)
		case 1:
			t.one.assign(t.one.gatherKeys(&packer), part, nil)
		case 2:
			t.two.assign(t.two.gatherKeys(&packer), part, nil)
		case 3:
			t.three.assign(t.three.gatherKeys(&packer), part, nil)
		}
		for k, i := range sel {
			entry[i] = part[k]
		}
	}
	return len(t.one.keys) + len(t.two.keys) + len(t.three.keys) + len(t.bytesx.hashes), nil
}

// group lists the rows of each of n entries.
func (t *joinTable) group(entry []int32, n int) {
	counts := make([]int32, n+1)
	t.unique = true
	same := true
	for i, e := range entry {
		if e < 0 {
			continue
		}
		same = same && int(e) == i
		counts[e+1]++
		t.unique = t.unique && counts[e+1] == 1
	}
	if t.unique && same {
		return
	}
	if t.unique {
		t.rowOf = make([]int32, n)
		for i, e := range entry {
			if e >= 0 {
				t.rowOf[e] = int32(i)
			}
		}
		return
	}
	for e := 0; e < n; e++ {
		counts[e+1] += counts[e]
	}
	t.order = make([]int32, counts[n])
	at := append([]int32(nil), counts[:n]...)
	for i, e := range entry {
		if e >= 0 {
			t.order[at[e]] = int32(i)
			at[e]++
		}
	}
	t.starts = counts
}

// rowsOf lists an entry's rows.
func (t *joinTable) rowsOf(e int32, one *[1]int32) []int32 {
	if !t.unique {
		return t.order[t.starts[e]:t.starts[e+1]]
	}
	one[0] = e
	if t.rowOf != nil {
		one[0] = t.rowOf[e]
	}
	return one[:]
}

// indexBytes estimates what the index holds.
func (t *joinTable) indexBytes() int64 {
	return t.one.bytes() + t.two.bytes() + t.three.bytes() + t.bytesx.bytes() +
		t.ranks.bytes() + int64(4*(len(t.rowOf)+len(t.starts)+len(t.order)))
}

// joinProber looks keys up in a table that others may be probing too.
type joinProber struct {
	t        *joinTable
	nullSafe []bool
	packer   keyPacker
	enc      vector.RowKeys
	one      packedIndex[uint64]
	two      packedIndex[[2]uint64]
	three    packedIndex[[3]uint64]
	bytesx   bytesIndex
	skip     []bool
}

func newJoinProber(t *joinTable, nullSafe []bool) *joinProber {
	p := &joinProber{t: t, nullSafe: nullSafe, packer: keyPacker{layout: t.layout}}
	// Copies of the indexes: the tables are shared, the scratch buffers are not.
	p.one, p.two, p.three, p.bytesx = t.one, t.two, t.three, t.bytesx
	p.one.private()
	p.two.private()
	p.three.private()
	p.bytesx.first, p.bytesx.hash = nil, nil
	return p
}

// lookup sets entry[k] to the entry of the k-th row of sel (nil = 0..n-1), -1
// if no row matches.
func (p *joinProber) lookup(keys []*vector.Vector, sel []int32, n int, entry []int32) error {
	t := p.t
	switch {
	case t.noKeys:
		fillInt32(entry, -1)
		if t.rows > 0 {
			clear(entry)
		}
		return nil
	case t.ranks != nil:
		t.ranks.lookup(keys[0], sel, entry)
		return nil
	case t.layout.words == 0:
		if err := p.enc.Encode(keys, sel, n); err != nil {
			return err
		}
		p.bytesx.lookup(&p.enc, entry)
	default:
		p.packer.pack(keys, sel, n)
		switch t.layout.words {
		case 1:
			p.one.lookup(p.one.gatherKeys(&p.packer), entry)
		case 2:
			p.two.lookup(p.two.gatherKeys(&p.packer), entry)
		case 3:
			p.three.lookup(p.three.gatherKeys(&p.packer), entry)
		}
	}
	var nulls bool
	if p.skip, nulls = keySkips(keys, p.nullSafe, sel, n, p.skip); nulls {
		for k, s := range p.skip {
			if s {
				entry[k] = -1
			}
		}
	}
	return nil
}
