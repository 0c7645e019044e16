package exec

import (
	"io"

	"github.com/flintsql/flint/exec/spill"
	"github.com/flintsql/flint/exec/vector"
)

// runReader reads runs one after the other.
type runReader struct {
	runs []*spill.Run
	in   *spill.Reader
	kept *vector.Batch // read already
}

// openRuns reads the runs that are not nil.
func openRuns(runs ...*spill.Run) *runReader {
	r := &runReader{}
	for _, x := range runs {
		if x != nil {
			r.runs = append(r.runs, x)
		}
	}
	return r
}

func (r *runReader) next() (*vector.Batch, error) {
	if b := r.kept; b != nil {
		r.kept = nil
		return b, nil
	}
	for {
		if r.in == nil {
			if len(r.runs) == 0 {
				return nil, io.EOF
			}
			r.in, r.runs = r.runs[0].Open(), r.runs[1:]
		}
		b, err := r.in.Next()
		if err != io.EOF {
			return b, err
		}
		r.close()
	}
}

// back makes the rows of a batch from a position on the next to be read.
func (r *runReader) back(b *vector.Batch, from int) {
	if from >= b.Rows {
		return
	}
	rest := &vector.Batch{Rows: b.Rows - from, Owned: b.Owned}
	for _, c := range b.Cols {
		rest.Cols = append(rest.Cols, vector.Slice(c, from, b.Rows))
	}
	r.kept = rest
}

// close ends the run being read; it may be called again.
func (r *runReader) close() {
	if r.in != nil {
		r.in.Close()
		r.in = nil
	}
}
