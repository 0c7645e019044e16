package parquet

import (
	"context"
	"math/bits"
	"os"

	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// sample is what some of a column's rows show.
type sample struct {
	rows       float64 // without NULLs
	distinct   float64 // among them
	dictionary float64 // entries of a row group's dictionary, 0 = none
	width      float64 // average bytes of a value
	nullFrac   float64
	clustered  bool // equal values stand together
	ascending  bool // every value is greater than the one before
}

const (
	sampleRows = 8192
	// ascendingLimit is the most rows that are read to prove a key.
	ascendingLimit = 32 << 20
)

// sample returns the sample of a column, taken from the file in the middle.
func (t *table) sample(ctx context.Context, column int) (sample, bool) {
	f := &t.files[len(t.files)/2]
	if source := f.source[column]; source >= 0 && f.meta.rows > 0 && f.columns[source].leaf != nil {
		return f.sample(ctx, t.conn, source)
	}
	return sample{}, false
}

// sample takes a sample once. A file that cannot be read has none; the query
// will say why.
func (f *file) sample(ctx context.Context, c *Connector, column int) (sample, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s, ok := f.sampled[column]; ok {
		return s, s.rows > 0
	}
	var s sample
	group := len(f.meta.groups) / 2
	n := int(min(f.meta.groups[group].rows, sampleRows))
	err := f.visit(ctx, c, column, group, n, func(k *chunk, v *vector.Vector) bool {
		s.look(v)
		if k.page.layout == layoutCodes {
			s.dictionary = float64(k.dict.Len)
		}
		return false
	})
	if err != nil {
		if ctx.Err() != nil {
			return sample{}, false
		}
		s = sample{}
	}
	f.sampled[column] = s
	return s, s.rows > 0
}

// visit reads n rows of a column at a time from a row group on, until each
// returns false or the row group ends.
func (f *file) visit(ctx context.Context, c *Connector, column, group, n int, each func(*chunk, *vector.Vector) bool) (err error) {
	defer guard(&err)
	h, err := c.root.Open(f.Path)
	if err != nil {
		return err
	}
	defer func(h *os.File) { _ = h.Close() }(h)
	if err := f.verify(h); err != nil {
		return err
	}
	account := c.footers.account
	if account == nil {
		account = memory.NewRoot("statistics", 0)
	}
	b := &budget{account: account}
	defer b.close()
	col := &f.columns[column]
	k := &chunk{budget: b, codecs: c.codecs, dicts: c.dicts, leaf: col.leaf, column: col.node.leafFrom, maxDef: col.node.def}
	g := &f.meta.groups[group]
	if err := k.start(h, g); err != nil {
		return err
	}
	if n < int(g.rows) {
		k.pages.stop = k.pages.at + samplePrefix
	}
	for left := int(g.rows); left > 0; left -= n {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		n = min(n, left)
		v, err := k.read(n, nil)
		if err != nil {
			return err
		}
		if !each(k, v) {
			return nil
		}
	}
	return nil
}

// samplePrefix is how much of a chunk is read for a sample at first.
const samplePrefix = 256 << 10

// look fills a sample from rows.
func (s *sample) look(v *vector.Vector) {
	seen := make(map[uint64]struct{}, v.Len)
	bytes, runs := 0, 0
	s.ascending = orderable(v.Type)
	var last uint64
	var before value.Value
	for i := range v.Len {
		if v.IsNull(i) {
			continue
		}
		x := v.Get(i)
		h := key(v, i, &x)
		if s.rows == 0 || h != last {
			runs++
		}
		if s.ascending && s.rows > 0 && !(before.I < x.I) {
			s.ascending = false
		}
		seen[h] = struct{}{}
		last, before = h, x
		bytes += len(x.S)
		s.rows++
	}
	s.distinct = float64(len(seen))
	s.nullFrac = 1 - s.rows/float64(max(1, v.Len))
	if s.rows > 0 {
		s.width = float64(bytes) / s.rows
	}
	// Repetitions stand together when nearly all of them follow their like.
	s.clustered = s.distinct < s.rows && s.rows-float64(runs) >= 0.9*(s.rows-s.distinct)
}

// orderable reports types whose values are the integers value.Value.I.
func orderable(t types.Type) bool {
	switch t.Storage() {
	case types.StoreInt16, types.StoreInt32, types.StoreInt64:
		return true
	}
	return false
}

// key returns a number that is equal for equal values and hardly ever for others.
func key(v *vector.Vector, i int, x *value.Value) uint64 {
	switch v.Type.Storage() {
	case types.StoreBytes:
		h := uint64(len(x.S))
		for k := 0; k < len(x.S); k++ {
			h = bits.RotateLeft64((h^uint64(x.S[k]))*0x9E3779B97F4A7C15, 29)
		}
		return h
	case types.StoreFloat32, types.StoreFloat64:
		return value.FloatKey(x.F)
	case types.StoreInt128:
		return x.D.Hash64()
	case types.StoreInterval:
		return x.V.Hash64()
	}
	return uint64(x.I)
}

// ascending proves that a column strictly ascends over all files, by reading
// it whole; row groups are known to be disjoint.
func (t *table) ascending(ctx context.Context, column int) bool {
	if t.rows() > ascendingLimit {
		return false
	}
	for i := range t.files {
		f := &t.files[i]
		source := f.source[column]
		if source < 0 || !f.ascends(ctx, t.conn, source) {
			return false
		}
	}
	return true
}

// ascends proves it for each row group of one version of a file, once.
func (f *file) ascends(ctx context.Context, c *Connector, column int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if yes, ok := f.proven[column]; ok {
		return yes
	}
	yes := true
	for g := range f.meta.groups {
		if f.meta.groups[g].rows == 0 {
			continue
		}
		var last int64
		first := true
		err := f.visit(ctx, c, column, g, vector.BatchSize, func(_ *chunk, v *vector.Vector) bool {
			yes = v.Valid == nil && (first || last < v.Get(0).I) && strictly(v)
			last, first = v.Get(v.Len-1).I, false
			return yes
		})
		if ctx.Err() != nil {
			return false
		}
		if yes = yes && err == nil; !yes {
			break
		}
	}
	f.proven[column] = yes
	return yes
}

// strictly reports that a flat vector of integers ascends.
func strictly(v *vector.Vector) bool {
	switch v.Type.Storage() {
	case types.StoreInt16:
		return strictlyAscending(vector.Values[int16](v))
	case types.StoreInt32:
		return strictlyAscending(vector.Values[int32](v))
	case types.StoreInt64:
		return strictlyAscending(vector.Values[int64](v))
	}
	return false
}

func strictlyAscending[T int16 | int32 | int64](v []T) bool {
	for i := 1; i < len(v); i++ {
		if v[i-1] >= v[i] {
			return false
		}
	}
	return true
}
