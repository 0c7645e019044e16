package exec

import (
	"bytes"
	"io"

	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
)

// runMerger merges sorted runs; rows with equal keys come in the order of the
// runs. It copies columns at a time: rows taken are noted per batch of a run,
// appended when that batch or the output is complete, and permuted at the end.
type runMerger struct {
	columns []int
	runs    []*mergeRun
	heap    []int // runs by their current rows, least first

	out   *rowSet
	order []mergedRow
	base  []int32 // chunk → its first row in out
	step  int     // rows of an output batch
}

// mergedRow is a row of the output: the k-th one taken from a batch of a run.
type mergedRow struct{ chunk, k int32 }

// mergeRun is a run at its current row.
type mergeRun struct {
	reader *spill.Reader
	batch  *vector.Batch
	keys   vector.RowKeys
	row    int
	prefix uint64 // of the current row's key
	taken  []int32
	chunk  int32 // of the taken rows; meaningless without any
}

func newRunMerger(runs []*spill.Run, node *physical.Sort) (*runMerger, error) {
	m := &runMerger{columns: keyColumns(node.Keys), out: newRowSet(inputTypes(node.Input)), step: 1}
	for i, run := range runs {
		r := &mergeRun{reader: run.Open(), keys: vector.RowKeys{Orders: sortOrders(node.Keys)}}
		m.runs = append(m.runs, r)
		more, err := m.load(r)
		if err != nil {
			m.close()
			return nil, err
		}
		if more {
			m.heap = append(m.heap, i)
			m.step = max(m.step, r.batch.Rows)
		}
	}
	for k := len(m.heap)/2 - 1; k >= 0; k-- {
		m.sink(k)
	}
	return m, nil
}

// load moves a run to its next batch; false at the end.
func (m *runMerger) load(r *mergeRun) (bool, error) {
	b, err := r.reader.Next()
	if err == io.EOF {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := r.keys.Encode(emitColumns(b.Cols, m.columns), nil, b.Rows); err != nil {
		return false, err
	}
	r.batch, r.row, r.prefix = b, 0, keyPrefix(r.keys.Row(0))
	return true, nil
}

func (m *runMerger) less(a, b int) bool {
	x, y := m.runs[a], m.runs[b]
	if x.prefix != y.prefix {
		return x.prefix < y.prefix
	}
	if c := bytes.Compare(x.keys.Row(x.row), y.keys.Row(y.row)); c != 0 {
		return c < 0
	}
	return a < b
}

// sink restores the heap's order below position k.
func (m *runMerger) sink(k int) {
	h := m.heap
	for {
		c := 2*k + 1
		if c >= len(h) {
			return
		}
		if c+1 < len(h) && m.less(h[c+1], h[c]) {
			c++
		}
		if !m.less(h[c], h[k]) {
			return
		}
		h[k], h[c] = h[c], h[k]
		k = c
	}
}

// next returns the next rows, no more than size, or io.EOF.
func (m *runMerger) next(size int) (*vector.Batch, error) {
	size = min(size, m.step)
	m.order, m.base = m.order[:0], m.base[:0]
	for len(m.order) < size && len(m.heap) > 0 {
		r := m.runs[m.heap[0]]
		if len(r.taken) == 0 {
			r.chunk = int32(len(m.base))
			m.base = append(m.base, 0)
		}
		m.order = append(m.order, mergedRow{r.chunk, int32(len(r.taken))})
		r.taken = append(r.taken, int32(r.row))
		if err := m.advance(r); err != nil {
			return nil, err
		}
	}
	if len(m.order) == 0 {
		return nil, io.EOF
	}
	return m.emit()
}

// advance moves the run on top of the heap to its next row.
func (m *runMerger) advance(r *mergeRun) error {
	if r.row++; r.row < r.batch.Rows {
		r.prefix = keyPrefix(r.keys.Row(r.row))
		m.sink(0)
		return nil
	}
	if err := m.settle(r); err != nil {
		return err
	}
	more, err := m.load(r)
	if err != nil {
		return err
	}
	if !more {
		last := len(m.heap) - 1
		m.heap[0] = m.heap[last]
		m.heap = m.heap[:last]
	}
	m.sink(0)
	return nil
}

// settle appends the rows taken from a run's batch to the output.
func (m *runMerger) settle(r *mergeRun) error {
	if len(r.taken) == 0 {
		return nil
	}
	m.base[r.chunk] = int32(m.out.rows)
	err := m.out.add(r.batch.Cols, r.taken, 0)
	r.taken = r.taken[:0]
	return err
}

func (m *runMerger) emit() (*vector.Batch, error) {
	for _, r := range m.runs {
		if err := m.settle(r); err != nil {
			return nil, err
		}
	}
	idx := make([]int32, len(m.order))
	for i, o := range m.order {
		idx[i] = m.base[o.chunk] + o.k
	}
	b := &vector.Batch{Rows: len(idx), Cols: takeAll(m.out.view(), idx), Owned: true}
	for _, c := range m.out.cols {
		c.Reset()
	}
	m.out.rows = 0
	return b, nil
}

func (m *runMerger) close() {
	for _, r := range m.runs {
		r.reader.Close()
	}
	m.runs, m.heap = nil, nil
}
