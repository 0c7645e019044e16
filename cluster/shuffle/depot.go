package shuffle

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/flintsql/flint/cluster/scheduler"
)

// Depot keeps a worker's committed spool files: a directory per query. It
// outlives the executors that wrote them. It is safe for concurrent use.
type Depot struct {
	dir string

	mu      sync.Mutex
	newest  map[scheduler.QueryID]map[scheduler.TaskID]int // highest attempt number committed
	dropped map[scheduler.QueryID]bool
}

// NewDepot keeps files under dir.
func NewDepot(dir string) *Depot {
	return &Depot{dir: dir, newest: map[scheduler.QueryID]map[scheduler.TaskID]int{}, dropped: map[scheduler.QueryID]bool{}}
}

// outputPath is where a committed output lies in a depot's directory.
func outputPath(dir string, k Key) string {
	a := k.Attempt
	return filepath.Join(queryDir(dir, a.Query), fmt.Sprintf("stage%d-part%d-epoch%d-try%d-edge%d", a.Stage, a.Partition, a.Epoch, a.Number, k.Edge))
}

func queryDir(dir string, q scheduler.QueryID) string {
	return filepath.Join(dir, strconv.FormatUint(uint64(q), 10))
}

// CommitError says that a commit was fenced.
type CommitError struct{ Reason string }

func (e *CommitError) Error() string { return "commit refused: " + e.Reason }

// Commit takes an attempt's finished files, by edge, into the depot: all or
// none. It refuses attempts of dropped queries and those that a later attempt overtook. An attempt without files
// only registers its query.
func (d *Depot) Commit(a scheduler.Attempt, files map[int]string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dropped[a.Query] {
		return &CommitError{"the query has ended"}
	}
	tasks := d.newest[a.Query]
	if tasks == nil {
		if err := os.MkdirAll(queryDir(d.dir, a.Query), 0o700); err != nil {
			return fmt.Errorf("make spool directory: %w", err)
		}
		tasks = map[scheduler.TaskID]int{}
		d.newest[a.Query] = tasks
	}
	if len(files) == 0 {
		return nil
	}
	if a.Number <= tasks[a.TaskID] {
		return &CommitError{"a later attempt has committed"}
	}
	if err := rename(d.dir, a, files); err != nil {
		return err
	}
	tasks[a.TaskID] = a.Number
	return nil
}

// Open opens a committed output.
func (d *Depot) open(k Key) (*spoolFile, error) { return openOutput(d.dir, k) }

func openOutput(dir string, k Key) (*spoolFile, error) {
	f, err := openFile(outputPath(dir, k))
	if errors.Is(err, os.ErrNotExist) {
		return nil, &MissingError{k}
	}
	return f, err
}

// Drop removes a query's files and refuses later commits of it.
func (d *Depot) Drop(q scheduler.QueryID) error {
	d.mu.Lock()
	d.dropped[q] = true
	delete(d.newest, q)
	forgetOld(d.dropped, q)
	d.mu.Unlock()
	// Under another name first, so that no late commit finds the directory while it is emptied.
	dir, gone := queryDir(d.dir, q), queryDir(d.dir, q)+".gone"
	if err := os.Rename(dir, gone); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		return fmt.Errorf("drop spool files: %w", err)
	}
	return os.RemoveAll(gone)
}

// remembered is how many ended queries are kept in mind, to refuse what comes
// late of them.
const remembered = 1 << 16

// forgetOld keeps a set of ended queries from growing for ever.
func forgetOld(dropped map[scheduler.QueryID]bool, newest scheduler.QueryID) {
	if len(dropped) < 2*remembered {
		return
	}
	for q := range dropped {
		if q+remembered < newest {
			delete(dropped, q)
		}
	}
}
