package parquet

import (
	"io"
	"sort"

	"github.com/flintsql/flint/catalog"
)

// rowRange is the rows [from, end) of a row group.
type rowRange struct{ from, end int }

// wanted returns the rows of a row group that may pass the predicate, by
// statistics, by Bloom filters and by page indexes.
func (r *reader) wanted(group int) ([]rowRange, error) {
	m := &r.file.meta.groups[group]
	if m.rows == 0 {
		return nil, nil
	}
	if r.req.Rows != nil {
		return r.asked.start(r.req.Rows, r.pieces[0].File, m), nil
	}
	out := []rowRange{{0, int(m.rows)}}
	if r.req.Predicate == nil {
		return out, nil
	}
	ranges := r.req.Predicate.Ranges()
	source := func(column int) int {
		if column < 0 || column >= len(r.columns) {
			return -1
		}
		return r.columns[column].source
	}
	if r.file.groupExcluded(group, ranges, source) {
		return nil, nil
	}
	for i := range ranges {
		s := source(ranges[i].Column)
		if s < 0 || r.file.columns[s].leaf == nil {
			continue
		}
		c := &r.file.columns[s]
		k := &m.chunks[c.node.leafFrom]
		excluded, err := r.bloomExcludes(c, k, &ranges[i])
		if err != nil || excluded {
			return nil, err
		}
		pages, err := r.pagesFor(c, k, &ranges[i], int(m.rows))
		if err != nil {
			return nil, err
		}
		if pages != nil {
			out = intersect(out, pages)
		}
	}
	return out, nil
}

// pagesFor returns the rows of the pages that a range does not exclude, or nil
// when the chunk has no page index.
func (r *reader) pagesFor(c *fileColumn, m *chunkMeta, rng *catalog.Range, rows int) ([]rowRange, error) {
	if m.columnIndex.length <= 0 || m.offsetIndex.length <= 0 || rows < 2 {
		return nil, nil
	}
	b, err := r.section(m.columnIndex)
	if err != nil {
		return nil, err
	}
	x, err := parseColumnIndex(b)
	if err != nil {
		return nil, corrupt("a column index is malformed: %v", err)
	}
	locs, err := r.locations(m)
	if err != nil {
		return nil, err
	}
	if len(locs) != len(x.nullPages) {
		return nil, corrupt("a column index has %d pages, the offset index %d", len(x.nullPages), len(locs))
	}
	out := []rowRange{}
	for i := range locs {
		from, end := int(locs[i].firstRow), rows
		if i+1 < len(locs) {
			end = int(locs[i+1].firstRow)
		}
		if from > end || end > rows {
			return nil, corrupt("an offset index has pages behind the row group's end")
		}
		if from == end || x.page(c, i, end-from).excludes(rng) {
			continue
		}
		if n := len(out); n > 0 && out[n-1].end == from {
			out[n-1].end = end
		} else {
			out = append(out, rowRange{from, end})
		}
	}
	return out, nil
}

// page returns what the index knows of a page.
func (x *columnIndex) page(c *fileColumn, i, rows int) *interval {
	out := &interval{nulls: -1}
	if x.nullPages[i] {
		out.nulls = int64(rows)
	} else {
		*out = c.leaf.interval(x.min[i], x.max[i]).forPruning(c.typ)
		out.nulls = -1
		if x.nulls != nil {
			out.nulls = x.nulls[i]
		}
	}
	if c.node.def == 0 {
		out.nulls = 0
	}
	out.rows = int64(rows)
	return out
}

// sectionLimit is the largest index that is read.
const sectionLimit = 64 << 20

// section reads a small part of the file.
func (r *reader) section(s section) ([]byte, error) {
	if s.length < 0 || s.length > sectionLimit || s.offset < 0 || s.offset > r.file.Size-s.length {
		return nil, corrupt("an index lies outside of the file")
	}
	b := make([]byte, s.length)
	n, err := r.handle.ReadAt(b, s.offset)
	if n == len(b) || err == io.EOF {
		return b[:n], nil
	}
	return nil, err
}

// locations reads a chunk's offset index.
func (r *reader) locations(m *chunkMeta) ([]pageLocation, error) {
	b, err := r.section(m.offsetIndex)
	if err != nil {
		return nil, err
	}
	locs, err := parseOffsetIndex(b)
	if err != nil {
		return nil, corrupt("an offset index is malformed: %v", err)
	}
	return locs, nil
}

// intersect returns the rows in both of two ascending lists.
func intersect(a, b []rowRange) []rowRange {
	var out []rowRange
	for len(a) > 0 && len(b) > 0 {
		if from, end := max(a[0].from, b[0].from), min(a[0].end, b[0].end); from < end {
			out = append(out, rowRange{from, end})
		}
		if a[0].end < b[0].end {
			a = a[1:]
		} else {
			b = b[1:]
		}
	}
	return out
}

// jumps tell a chunk where its pages lie, so that it reads only those that are wanted.
type jumps struct {
	pages  []pageLocation // nil = not known
	ranges []rowRange
	row    int // of the row group, with which the current page starts
}

// pageOf returns the page that holds a row.
func (j *jumps) pageOf(row int) int {
	return sort.Search(len(j.pages), func(i int) bool { return j.pages[i].firstRow > int64(row) }) - 1
}

// stop returns where reading should end that has come to a row: behind the
// last page of the range that holds it.
func (j *jumps) stop(row int, end int64) int64 {
	for _, r := range j.ranges {
		if row < r.end {
			p := j.pages[max(0, j.pageOf(r.end-1))]
			return p.offset + p.size
		}
	}
	return end
}
