package rpc

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// DefaultLease is how long a control stream may be silent before its process
// counts as lost. A process that dies is noticed at once, by its broken stream.
const DefaultLease = 15 * time.Second

// Lease watches that a peer keeps talking.
type Lease struct {
	heard atomic.Int64
}

// Renew says that the peer was heard.
func (l *Lease) Renew() { l.heard.Store(time.Now().UnixNano()) }

// Watch calls beat several times within the lease, and returns an error once
// the peer was silent for that long, or when ctx ends.
func (l *Lease) Watch(ctx context.Context, lease time.Duration, beat func()) error {
	l.Renew()
	t := time.NewTicker(lease / 8)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			beat()
			if silent := time.Since(time.Unix(0, l.heard.Load())); silent > lease {
				return fmt.Errorf("the peer was silent for %s", silent.Round(time.Millisecond))
			}
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
