package exec

import (
	"context"
	"testing"
	"time"

	"github.com/flintsql/flint/exec/memory"
	"github.com/flintsql/flint/sql/sqlerr"
)

// A task that is canceled while it builds for others stops waiting for memory
// that another query has, though the build's account is its query's.
func TestSharedBuildCanceled(t *testing.T) {
	root := memory.NewRoot("test", 1<<20)
	other := root.Query("other", 0).Task("task").Child("holder", 0)
	if err := other.Reserve(1 << 20); err != nil {
		t.Fatal(err)
	}
	query := root.Query("query", 0)
	defer query.Task("task").Close()
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	start := time.Now()
	_, err := NewSharedBuilds(query).acquire(ctx, 1, query, func(a *memory.Account, _ *workCrew) (*joinBuild, error) {
		defer a.Close()
		return nil, a.Reserve(1)
	})
	if took := time.Since(start); sqlerr.Code(err) != sqlerr.OutOfMemory || took > 5*time.Second {
		t.Errorf("after %v: %v", took, err)
	}
	if query.Used() != 0 {
		t.Errorf("%d bytes are still charged", query.Used())
	}
}
