package parquet

import (
	"io"
	"slices"

	"github.com/flintsql/flint/catalog"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// A locator is a row's file, by its position among the table's, and its number in the file.
const (
	locatorBits = 40 // of the row's number
	mostRows    = 1 << locatorBits
	mostFiles   = 1 << (63 - locatorBits)
)

func locatorOf(file int, row int64) int64 { return int64(file)<<locatorBits | row }

// Whole describes all files, each at the place that locators give it (catalog.Locatable).
func (t *table) Whole() (catalog.Split, bool, error) {
	t.encode.Do(func() { t.whole, t.wholeOK, t.wholeErr = t.encodeWhole() })
	return t.whole, t.wholeOK, t.wholeErr
}

// encodeWhole makes what Whole returns, which a plan asks for more than once.
func (t *table) encodeWhole() (catalog.Split, bool, error) {
	var groups []chosen
	for i := range t.files {
		f := &t.files[i]
		for g := range f.meta.groups {
			if m := &f.meta.groups[g]; m.first+m.rows >= mostRows || i >= mostFiles {
				return catalog.Split{}, false, nil
			}
			groups = append(groups, chosen{file: f, number: i, group: g})
		}
	}
	fields, err := t.encodeFields()
	if err != nil {
		return catalog.Split{}, false, err
	}
	s, err := split(fields, groups)
	return s, true, err
}

// piecesOf returns the pieces that have some of the rows, in the order of locators.
func piecesOf(pieces []piece, rows []int64) []piece {
	var out []piece
	for i := range pieces {
		at, _ := slices.BinarySearch(rows, locatorOf(pieces[i].File, 0))
		if at < len(rows) && rows[at]>>locatorBits == int64(pieces[i].File) {
			out = append(out, pieces[i])
		}
	}
	return out
}

// askedRows are the rows of the present row group that ReadRequest.Rows names.
type askedRows struct {
	rows []int // ascending, by number in the row group
	sel  []int32
}

// nearRows is how far apart rows may be to be read together.
const nearRows = 64

// start picks a row group's rows out of all, and returns the ranges to be read.
func (a *askedRows) start(all []int64, file int, m *groupMeta) []rowRange {
	from, _ := slices.BinarySearch(all, locatorOf(file, m.first))
	end, _ := slices.BinarySearch(all, locatorOf(file, m.first+m.rows))
	a.rows = a.rows[:0]
	var out []rowRange
	for _, x := range all[from:end] {
		row := int(x - locatorOf(file, m.first))
		a.rows = append(a.rows, row)
		if n := len(out); n > 0 && row < out[n-1].end+nearRows {
			out[n-1].end = row + 1
		} else {
			out = append(out, rowRange{row, row + 1})
		}
	}
	return out
}

// within returns which of the rows [from, from+n) are asked for, by their distance from the first.
func (a *askedRows) within(from, n int) []int32 {
	a.sel = a.sel[:0]
	at, _ := slices.BinarySearch(a.rows, from)
	for ; at < len(a.rows) && a.rows[at] < from+n; at++ {
		a.sel = append(a.sel, int32(a.rows[at]-from))
	}
	return a.sel
}

// locators is the column catalog.Locator.
type locators struct {
	budget *budget
	file   int
	next   int64
	vals   []int64
	vec    vector.Vector
}

// locatorsOf returns the column for a file, with the buffer of old if it has one.
func locatorsOf(b *budget, old columnReader, file int) *locators {
	l, ok := old.(*locators)
	if !ok {
		l = &locators{budget: b}
	}
	l.file = file
	return l
}

func (l *locators) start(_ io.ReaderAt, g *groupMeta) error {
	l.next = locatorOf(l.file, g.first)
	return nil
}

func (l *locators) skip(n int) { l.next += int64(n) }

func (l *locators) read(n int, _ []int32) (*vector.Vector, error) {
	var err error
	if l.vals, err = grow(l.budget, l.vals, n); err != nil {
		return nil, err
	}
	for i := range l.vals {
		l.vals[i] = l.next + int64(i)
	}
	l.next += int64(n)
	l.vec = *vector.FromSlice(types.Of(types.Int8), l.vals)
	return &l.vec, nil
}
