package exec

import (
	"context"
	"sync"

	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/expr"
	"github.com/flintsql/flint/sql/types"
)

// joinBuild is a built side with the keys it was indexed by, and its memory.
type joinBuild struct {
	table   *joinTable
	keys    []*vector.Vector
	others  *joinTable // NullAware: the rows by the keys after the first
	account *memory.Account
	matched matchBits // kinds that emit build rows
	probers probers
}

// buildJoin reads the build side to its end and indexes it.
func buildJoin(ctx context.Context, j *joinOp, account *memory.Account) (*joinBuild, error) {
	b := &joinBuild{account: account}
	if err := b.read(ctx, j); err != nil {
		account.Close()
		return nil, err
	}
	return b, nil
}

func (b *joinBuild) read(ctx context.Context, j *joinOp) error {
	if err := j.right.Open(ctx); err != nil {
		return err
	}
	in := inputTypes(j.rightNode)
	rows := newRowSet(in)
	keyAt, extra := splitKeys(j.rkeys)
	keySet := newRowSet(exprTypes(extra))
	prog, err := compile(j.env, extra, in)
	if err != nil {
		return err
	}
	var held int64
	err = drain(ctx, j.right, func(x *vector.Batch) error {
		if err := b.account.Resize(&held, rows.bytes()+keySet.bytes()+x.Size()); err != nil {
			return err
		}
		if len(extra) > 0 {
			cols, err := prog.Eval(x)
			if err != nil {
				return err
			}
			if err := keySet.add(cols, x.Sel, x.Rows); err != nil {
				return err
			}
		}
		return rows.add(x.Cols, x.Sel, x.Rows)
	})
	if err != nil {
		return err
	}
	cols := rows.view()
	b.keys = make([]*vector.Vector, len(j.rkeys))
	computed := keySet.view()
	for i, at := range keyAt {
		if at >= 0 {
			b.keys[i] = cols[at]
		} else {
			b.keys[i], computed = computed[0], computed[1:]
		}
	}
	return b.index(j, cols, rows.rows, rows.bytes()+keySet.bytes(), &held)
}

// index builds the tables, having reserved for them.
func (b *joinBuild) index(j *joinOp, cols []*vector.Vector, n int, data int64, held *int64) error {
	if err := b.account.Resize(held, data+int64(n)*48); err != nil {
		return err
	}
	b.table = &joinTable{cols: cols, rows: n}
	if err := b.table.index(b.keys, j.nullSafe); err != nil {
		return err
	}
	size := b.table.indexBytes()
	if j.nullAware && len(b.keys) > 0 {
		first := b.keys[0]
		for i := 0; i < n && !b.table.nullIn; i++ {
			b.table.nullIn = first.IsNull(i)
		}
		if len(b.keys) > 1 || j.filter != nil {
			b.others = &joinTable{cols: cols, rows: n}
			if err := b.others.index(b.keys[1:], j.nullSafe[min(1, len(j.nullSafe)):]); err != nil {
				return err
			}
			size += b.others.indexBytes()
		}
	}
	if j.keepsBuild() {
		b.matched = newMatchBits(n)
		size += int64(4 * len(b.matched))
	}
	return b.account.Resize(held, data+size)
}

// splitKeys tells keys that are plain columns (their positions) from those to
// compute (-1).
func splitKeys(keys []expr.Expr) (at []int, computed []expr.Expr) {
	for _, k := range keys {
		if in, ok := k.(*expr.Input); ok {
			at = append(at, in.Index)
			continue
		}
		at = append(at, -1)
		computed = append(computed, k)
	}
	return at, computed
}

func exprTypes(es []expr.Expr) []types.Type {
	ts := make([]types.Type, len(es))
	for i, e := range es {
		ts[i] = e.Type()
	}
	return ts
}

// SharedBuilds are the hash tables that the tasks of one process share within a
// query and epoch. It is safe for concurrent use.
type SharedBuilds struct {
	account *memory.Account
	mu      sync.Mutex
	builds  map[physical.OpID]*sharedBuild
}

type sharedBuild struct {
	done  chan struct{} // closed when build or err is set
	build *joinBuild
	err   error
	refs  int
}

// NewSharedBuilds returns an empty set whose tables are charged to account,
// usually the query's.
func NewSharedBuilds(account *memory.Account) *SharedBuilds {
	return &SharedBuilds{account: account, builds: map[physical.OpID]*sharedBuild{}}
}

// acquire returns the build of an operator. The first caller makes it while
// the others wait; if that fails, the next one tries. Each success wants a release.
func (s *SharedBuilds) acquire(ctx context.Context, id physical.OpID, make func(*memory.Account) (*joinBuild, error)) (*joinBuild, error) {
	for {
		s.mu.Lock()
		b, ok := s.builds[id]
		if !ok {
			b = &sharedBuild{done: newDone()}
			s.builds[id] = b
		}
		b.refs++
		s.mu.Unlock()
		if !ok {
			return s.run(id, b, make)
		}
		select {
		case <-b.done:
			if b.err == nil {
				return b.build, nil
			}
			if ctx.Err() != nil {
				return nil, context.Cause(ctx)
			}
		case <-ctx.Done():
			s.release(id, b)
			return nil, context.Cause(ctx)
		}
	}
}

func newDone() chan struct{} { return make(chan struct{}) }

// run builds, and publishes the outcome even if the build panics.
func (s *SharedBuilds) run(id physical.OpID, b *sharedBuild, make func(*memory.Account) (*joinBuild, error)) (*joinBuild, error) {
	b.err = context.Canceled
	defer func() {
		s.mu.Lock()
		if b.err != nil && s.builds[id] == b {
			delete(s.builds, id)
		}
		s.mu.Unlock()
		close(b.done)
	}()
	b.build, b.err = make(s.account.Child("SharedBuild", 0))
	return b.build, b.err
}

// release gives up one reference; the last one frees the table.
func (s *SharedBuilds) release(id physical.OpID, b *sharedBuild) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b == nil {
		b = s.builds[id]
	}
	if b == nil {
		return
	}
	if b.refs--; b.refs > 0 || b.build != nil && b.build.marksWanted() {
		return
	}
	if s.builds[id] == b {
		delete(s.builds, id)
	}
	if b.build != nil {
		b.build.account.Close()
	}
}
