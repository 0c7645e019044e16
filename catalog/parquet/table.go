package parquet

import (
	"context"
	"encoding/hex"
	"hash/fnv"
	"slices"
	"strconv"
	"sync"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
	"golang.org/x/sync/errgroup"
)

// table is a set of files that are read as one.
type table struct {
	conn   *Connector
	fields []types.Field
	keys   []int // positions of the partition columns in fields
	files  []tableFile

	digest   sync.Once
	identity string // digest has been made

	encode   sync.Once
	whole    catalog.Split // encode has been made
	wholeOK  bool
	wholeErr error
}

// tableFile is one file of a table.
type tableFile struct {
	*file
	source []int         // for each field the file's column, -1 = none
	keys   []value.Value // values of the partition columns
}

// openLimit is how many footers are read at once.
const openLimit = 8

// table makes a table of files, whose names below dir may hold partition keys.
func (c *Connector) table(ctx context.Context, dir string, paths []string) (*table, error) {
	t := &table{conn: c, files: make([]tableFile, len(paths))}
	group, gctx := errgroup.WithContext(ctx)
	group.SetLimit(openLimit)
	for i, p := range paths {
		group.Go(func() error {
			id, err := c.identify(p)
			if err != nil {
				return err
			}
			t.files[i].file, err = c.file(gctx, id)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	names, keys, values := partitions(dir, paths)
	if err := t.unify(names); err != nil {
		return nil, err
	}
	for k, name := range names {
		t.keys = append(t.keys, len(t.fields))
		nullable := false
		for i := range t.files {
			t.files[i].keys = append(t.files[i].keys, values[i][k])
			nullable = nullable || values[i][k].Null
		}
		t.fields = append(t.fields, types.Field{Name: name, Type: keys[k], Nullable: nullable})
	}
	t.match()
	return t, nil
}

// unify collects the columns of all files, in the order in which they appear.
// Columns named like a partition key are left out: the key counts.
func (t *table) unify(keys []string) error {
	at := map[string]int{}
	in := make([]int, 0, 16) // files that have the field
	for i := range t.files {
		f := t.files[i].file
		for j := range f.columns {
			c := &f.columns[j]
			if slices.Contains(keys, c.name) {
				continue
			}
			k, ok := at[c.name]
			if !ok {
				at[c.name] = len(t.fields)
				t.fields = append(t.fields, types.Field{Name: c.name, Type: c.typ, Nullable: c.nullable})
				in = append(in, 1)
				continue
			}
			in[k]++
			field := &t.fields[k]
			common, ok := commonType(field.Type, c.typ)
			if !ok {
				return sqlerr.New(sqlerr.DatatypeMismatch, "column %q is of type %s in file %q, but of type %s in file %q",
					c.name, c.typ, f.Path, field.Type, t.files[0].Path)
			}
			field.Type, field.Nullable = common, field.Nullable || c.nullable
		}
	}
	for k := range t.fields {
		t.fields[k].Nullable = t.fields[k].Nullable || in[k] < len(t.files)
	}
	if len(t.fields) == 0 {
		return sqlerr.New(sqlerr.DataCorrupted, "file %q has no columns", t.files[0].Path)
	}
	return nil
}

// match finds each field's column in each file.
func (t *table) match() {
	for i := range t.files {
		t.files[i].source = sources(t.files[i].file, t.fields)
	}
}

// sources returns for each field the position of the file's column of that
// name, or -1.
func sources(f *file, fields []types.Field) []int {
	at := make(map[string]int, len(f.columns))
	for i := range f.columns {
		at[f.columns[i].name] = i
	}
	out := make([]int, len(fields))
	for k := range fields {
		i, ok := at[fields[k].Name]
		if !ok {
			i = -1
		}
		out[k] = i
	}
	return out
}

// Identity is a digest of the files' names, sizes and times of change. A plan
// asks for it once for each thing it wants to know of the table.
func (t *table) Identity() string {
	t.digest.Do(func() {
		h := fnv.New128a()
		var line []byte
		for i := range t.files {
			id := &t.files[i].identity
			line = strconv.AppendQuote(line[:0], id.Path)
			line = strconv.AppendInt(append(line, ' '), id.Size, 10)
			line = strconv.AppendInt(append(line, ' '), id.MTime, 10)
			h.Write(append(line, '\n')) // never fails (hash.Hash)
		}
		t.identity = hex.EncodeToString(h.Sum(nil))
	})
	return t.identity
}

// Schema returns the columns of the files and then those of the folders' names.
func (t *table) Schema() []types.Field { return t.fields }

// commonType returns the type that holds the values of both, if widening is all it takes.
func commonType(a, b types.Type) (types.Type, bool) {
	switch {
	case a == b:
		return a, true
	case a.IsInteger() && b.IsInteger(), a.IsFloat() && b.IsFloat():
		if a.Kind > b.Kind {
			return a, true
		}
		return b, true
	case a.IsFixedNumeric() && b.IsFixedNumeric() && a.Scale == b.Scale:
		return types.NumericOf(int(max(a.Precision, b.Precision)), int(a.Scale)), true
	}
	return a, false
}

// widen converts a vector to a type that commonType gave.
func widen(v *vector.Vector, to types.Type) *vector.Vector {
	if v.Type.Storage() == to.Storage() {
		c := *v
		c.Type = to
		return &c
	}
	v = vector.Flatten(v)
	out := vector.New(to, v.Len)
	out.Valid = v.Valid
	switch from := v.Type.Storage(); {
	case from == types.StoreInt16 && to.Storage() == types.StoreInt32:
		convertAll(vector.Values[int32](out), vector.Values[int16](v))
	case from == types.StoreInt16:
		convertAll(vector.Values[int64](out), vector.Values[int16](v))
	case from == types.StoreInt32:
		convertAll(vector.Values[int64](out), vector.Values[int32](v))
	case from == types.StoreFloat32:
		convertAll(vector.Values[float64](out), vector.Values[float32](v))
	case from == types.StoreInt64:
		for i, x := range vector.Values[int64](v) {
			vector.Values[value.Int128](out)[i] = value.Int128From(x)
		}
	}
	return out
}

func convertAll[D, S int16 | int32 | int64 | float32 | float64](dst []D, src []S) {
	for i := range dst {
		dst[i] = D(src[i])
	}
}
