package pgwire

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5/pgproto3"
)

// readAhead is how many bytes of messages may wait for the session goroutine.
// The reader goes on meanwhile: only at the end of the stream it sees that a
// client went away, and behind the message that is being answered there is
// nearly always another (Sync).
const readAhead = 1 << 20

// inbox passes messages from the reader to the session goroutine, in order.
type inbox struct {
	mu    sync.Mutex
	list  []pgproto3.FrontendMessage
	bytes int
	err   error         // why nothing more comes
	wake  chan struct{} // for the session: something came
	room  chan struct{} // for the reader: something was taken
}

func newInbox() *inbox {
	return &inbox{wake: make(chan struct{}, 1), room: make(chan struct{}, 1)}
}

// put adds a message; false once ctx has ended.
func (in *inbox) put(ctx context.Context, m pgproto3.FrontendMessage) bool {
	for {
		in.mu.Lock()
		if in.bytes < readAhead {
			in.list = append(in.list, m)
			in.bytes += messageSize(m)
			in.mu.Unlock()
			signal(in.wake)
			return true
		}
		in.mu.Unlock()
		select {
		case <-in.room:
		case <-ctx.Done():
			return false
		}
	}
}

// end says that nothing more comes, and why.
func (in *inbox) end(err error) {
	in.mu.Lock()
	in.err = err
	in.mu.Unlock()
	signal(in.wake)
}

// take waits for the next message; it fails with the reason of the end after the
// last one, or when ctx ends.
func (in *inbox) take(ctx context.Context) (pgproto3.FrontendMessage, error) {
	for {
		in.mu.Lock()
		if len(in.list) > 0 {
			m := in.list[0]
			in.list[0] = nil
			in.list = in.list[1:]
			in.bytes -= messageSize(m)
			in.mu.Unlock()
			signal(in.room)
			return m, nil
		}
		err := in.err
		in.mu.Unlock()
		if err != nil {
			return nil, err
		}
		select {
		case <-in.wake:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// messageSize is about what a message holds in memory.
func messageSize(m pgproto3.FrontendMessage) int {
	const fixed = 64
	switch m := m.(type) {
	case *pgproto3.Query:
		return fixed + len(m.String)
	case *pgproto3.Parse:
		return fixed + len(m.Query) + 4*len(m.ParameterOIDs)
	case *pgproto3.Bind:
		n := fixed + 24*len(m.Parameters)
		for _, p := range m.Parameters {
			n += len(p)
		}
		return n
	}
	return fixed
}
