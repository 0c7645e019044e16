package rpc

import (
	"context"
	"sync"
)

// Queue passes messages to the goroutine that sends them, so that no caller
// waits for the network. It is safe for concurrent use.
type Queue[T any] struct {
	mu     sync.Mutex
	items  []T
	wake   chan struct{}
	closed bool
}

// NewQueue makes an empty queue.
func NewQueue[T any]() *Queue[T] { return &Queue[T]{wake: make(chan struct{}, 1)} }

// Put adds a message; after Close it does nothing.
func (q *Queue[T]) Put(x T) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	q.items = append(q.items, x)
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// Close drops what is queued.
func (q *Queue[T]) Close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.items = true, nil
}

// Drain sends messages until sending fails or ctx ends, which it returns.
func (q *Queue[T]) Drain(ctx context.Context, send func(T) error) error {
	for {
		q.mu.Lock()
		items := q.items
		q.items = nil
		q.mu.Unlock()
		for _, x := range items {
			if err := send(x); err != nil {
				return err
			}
		}
		if len(items) > 0 {
			continue
		}
		select {
		case <-q.wake:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
