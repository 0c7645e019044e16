package exec

import (
	"errors"
	"sync/atomic"

	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/sql/types"
)

// Rows with equal keys meet again on disk in the same of spillFanout runs
// (Grace hash partitioning: Kitsuregawa, Tanaka and Moto-oka, 1983). A partition
// that is still too large is divided again at the next level, by other bits.
const (
	spillFanoutBits = 4
	spillFanout     = 1 << spillFanoutBits
	spillMaxLevel   = 6 // then one key has nearly all rows, and dividing won't help
	// spillPartBytes is what a partition gathers before it writes a batch.
	spillPartBytes = 64 << 10
	// spillPartsBytes is what a spillParts needs at most, batches being written included.
	spillPartsBytes = spillFanout * (2*spillPartBytes + 64<<10)
)

// spillPart returns the partition of a row by the hash of its keys. Levels are
// independent of each other, of hash tables and of exchanges.
func spillPart(hash uint64, level int) int {
	return int(vector.Mix64(hash+uint64(level+1)*0x9e3779b97f4a7c15) >> (64 - spillFanoutBits))
}

// spillParts writes rows to one run a partition. It needs spillPartsBytes, which
// its owner reserves. It belongs to one goroutine.
type spillParts struct {
	dir     *spill.Dir
	fields  []types.Field
	level   int
	stats   *OpStats
	writers [spillFanout]*spill.Writer
	buffers [spillFanout]*rowSet
	sels    [spillFanout][]int32
}

func newSpillParts(b *base, fields []types.Field, level int) *spillParts {
	return &spillParts{dir: b.env.Spill, fields: fields, level: level, stats: b.stats}
}

// add writes the listed rows of columns; hashes[k] is the key hash of the k-th of them.
func (p *spillParts) add(cols []*vector.Vector, sel []int32, n int, hashes []uint64) error {
	for i := range p.sels {
		p.sels[i] = p.sels[i][:0]
	}
	for k, h := range hashes {
		i := int32(k)
		if sel != nil {
			i = sel[k]
		}
		part := spillPart(h, p.level)
		p.sels[part] = append(p.sels[part], i)
	}
	for part, s := range p.sels {
		if len(s) == 0 {
			continue
		}
		if p.buffers[part] == nil {
			p.buffers[part] = newRowSet(fieldTypes(p.fields))
		}
		buf := p.buffers[part]
		if err := buf.add(cols, s, n); err != nil {
			return err
		}
		if buf.rows >= vector.BatchSize || buf.bytes() >= spillPartBytes {
			if err := p.flush(part); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *spillParts) flush(part int) error {
	buf := p.buffers[part]
	if buf == nil || buf.rows == 0 {
		return nil
	}
	w := p.writers[part]
	if w == nil {
		var err error
		if w, err = p.dir.NewWriter(p.fields); err != nil {
			return err
		}
		p.writers[part] = w
	}
	err := w.Write(&vector.Batch{Rows: buf.rows, Cols: dropSparse(buf.view()), Owned: true})
	for _, c := range buf.cols {
		c.Reset()
	}
	buf.rows = 0
	return err
}

// finish ends all runs; those of partitions without rows are nil. The caller closes them.
func (p *spillParts) finish() (runs [spillFanout]*spill.Run, err error) {
	for part := range p.writers {
		if err = p.flush(part); err != nil {
			break
		}
		if p.writers[part] == nil {
			continue
		}
		if runs[part], err = p.writers[part].Finish(); err != nil {
			break
		}
		atomic.AddInt64(&p.stats.Spilled, runs[part].Bytes())
	}
	if err = errors.Join(err, p.close()); err == nil {
		return runs, nil
	}
	for _, r := range runs {
		if r != nil {
			r.Close()
		}
	}
	return [spillFanout]*spill.Run{}, err
}

// close frees what was written and not finished; it may be called again.
func (p *spillParts) close() (err error) {
	for part, w := range p.writers {
		if w != nil {
			err = errors.Join(err, w.Close())
		}
		p.writers[part], p.buffers[part] = nil, nil
	}
	return err
}
