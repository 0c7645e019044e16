package pgwire

import (
	"fmt"
	"net"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/flintsql/flint/sql/sqlerr"
)

// flushSize is the number of buffered bytes at which the writer writes.
const flushSize = 64 << 10

// writer buffers what goes to the client. A client that reads slowly blocks it,
// and so the query.
type writer struct {
	nc  net.Conn
	buf []byte
	err error
}

// writeError says that the client cannot be written to any more.
type writeError struct{ err error }

func (e *writeError) Error() string { return "write to client: " + e.err.Error() }
func (e *writeError) Unwrap() error { return e.err }

func newWriter(nc net.Conn) *writer { return &writer{nc: nc, buf: make([]byte, 0, flushSize+8192)} }

// send buffers a message; errors of encoding cannot happen with our own messages
// below 1 GiB and end the connection otherwise.
func (w *writer) send(m pgproto3.BackendMessage) {
	b, err := m.Encode(w.buf)
	if err != nil {
		w.err = err
		return
	}
	w.buf = b
}

func (w *writer) flush() error {
	if w.err == nil && len(w.buf) > 0 {
		_, w.err = w.nc.Write(w.buf)
	}
	w.buf = w.buf[:0]
	if w.err != nil {
		return &writeError{w.err}
	}
	return nil
}

// flushIfFull writes once enough has gathered.
func (w *writer) flushIfFull() error {
	if len(w.buf) < flushSize {
		return nil
	}
	return w.flush()
}

// sendError tells the client of an error; the session goes on.
func (c *conn) sendError(err error) { c.out.send(response(err, "ERROR")) }

// fatal tells the client of an error that ends the connection.
func (c *conn) fatal(err error) {
	_ = c.nc.SetWriteDeadline(time.Now().Add(lastWords))
	c.out.send(response(err, "FATAL"))
	c.out.flush()
}

func response(err error, severity string) *pgproto3.ErrorResponse {
	e := sqlerr.From(err)
	return &pgproto3.ErrorResponse{
		Severity: severity, SeverityUnlocalized: severity, Code: e.Code, Message: e.Message,
		Detail: e.Detail, Hint: e.Hint, Position: int32(e.Position),
	}
}

// notices sends what the session has to say beside its results.
func (c *conn) notices() {
	for _, n := range c.sess.TakeNotices() {
		r := response(n.Err, n.Severity)
		c.out.send((*pgproto3.NoticeResponse)(r))
	}
}

// panicked turns a panic into an internal error: it costs one statement.
func (c *conn) panicked(p any) error {
	c.srv.o.Log.Error("statement panicked", "panic", p, "stack", string(debug.Stack()))
	return sqlerr.New(sqlerr.Internal, "%s", fmt.Sprintf("internal error: %v", p))
}
