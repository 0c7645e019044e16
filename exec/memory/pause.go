package memory

import "context"

// A task that waits for another one of its process gives no memory back before that one gets on. So it
// counts among those that wait for memory, lest a task that needs memory waits for those that wait
// for it: who waits for whom is one graph, whatever the resource (Coffman, Elphick and Shoshani, System Deadlocks, 1971).

// Pause notes that a's task waits for the work of another task, which calls Resume before it goes on itself.
// a is the account of a task, or of none.
func (a *Account) Pause() { a.pause(1) }

// Resume ends a Pause.
func (a *Account) Resume() { a.pause(-1) }

func (a *Account) pause(n int64) {
	t := a.task
	if t == nil {
		return
	}
	t.paused.Add(n)
	t.root.paused.Add(n)
	if t.query != nil {
		t.query.paused.Add(n)
	}
}

type taskKey struct{}

// InTask returns a context by which Await knows a task's account.
func InTask(ctx context.Context, a *Account) context.Context {
	return context.WithValue(ctx, taskKey{}, a.task)
}

// HasTask reports whether ctx is that of a task of this process.
func HasTask(ctx context.Context) bool {
	t, _ := ctx.Value(taskKey{}).(*Account)
	return t != nil
}

// OutOfTask returns a context for what works beside the task, whose waiting isn't the task's.
func OutOfTask(ctx context.Context) context.Context {
	return context.WithValue(ctx, taskKey{}, (*Account)(nil))
}

// Await notes that the task of ctx waits for rows of another task in this process, or for it to take rows, until
// the function it returns is called. The other task may have got on before that, so such waiting counts
// only after it has lasted a while.
func Await(ctx context.Context) (done func()) {
	t, _ := ctx.Value(taskKey{}).(*Account)
	if t == nil {
		return func() {}
	}
	t.await(1)
	return func() { t.await(-1) }
}

func (a *Account) await(n int64) {
	a.root.arbiter.turns.Add(1)
	a.idle.Add(n)
	a.root.idle.Add(n)
	if a.query != nil {
		a.query.idle.Add(n)
	}
}
