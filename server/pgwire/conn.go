package pgwire

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/flintsql/flint/server"
	"github.com/flintsql/flint/sql/sqlerr"
)

var (
	errCanceled = sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to user request")
	errShutdown = sqlerr.New(sqlerr.AdminShutdown, "terminating connection due to administrator command")
	errGone     = errors.New("client has gone away")
)

// conn is one client connection. Its fields belong to the session goroutine,
// except those under mu.
type conn struct {
	srv     *Server
	nc      net.Conn
	be      *pgproto3.Backend
	out     *writer
	sess    *server.Session
	ctx     context.Context
	pid     uint32
	secret  uint32
	portals map[string]*portal
	skip    bool // after an error in the extended protocol: until Sync

	stop context.CancelCauseFunc // ends the connection

	mu       sync.Mutex
	cancel   context.CancelCauseFunc // of the running statement, nil if none
	activity server.Activity
}

// serveConn runs a connection from its first byte to its end.
func (s *Server) serveConn(ctx context.Context, nc net.Conn) {
	defer nc.Close()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	// A client that does not read, or has not logged in yet, must not hold up the end.
	unblock := context.AfterFunc(ctx, func() { _ = nc.SetDeadline(time.Now().Add(lastWords)) })
	defer unblock()
	c := &conn{srv: s, nc: nc, be: pgproto3.NewBackend(nc, nc), out: newWriter(nc), ctx: ctx, stop: stop,
		portals: map[string]*portal{}}
	defer func() {
		if p := recover(); p != nil {
			s.o.Log.Error("connection panicked", "panic", p)
		}
	}()
	c.be.SetMaxBodyLen(s.o.MaxMessage)
	ok, err := c.logIn()
	if err != nil {
		c.fatal(err)
		return
	}
	if !ok {
		return
	}
	defer s.unregister(c)
	defer c.sess.Close()
	defer c.closePortals()
	in := newInbox()
	go func() {
		err := c.read(in)
		in.end(err)
		if !errors.Is(err, errBadMessage) {
			stop(errGone)
		}
	}()
	err = c.loop(in)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, net.ErrClosed) {
		c.fatal(err)
	}
}

var errBadMessage = errors.New("bad message")

// read decodes messages and hands them to the session goroutine until the
// client goes away or breaks the protocol.
func (c *conn) read(in *inbox) error {
	for {
		m, err := c.be.Receive()
		if err != nil {
			var tooLong *pgproto3.ExceededMaxBodyLenErr
			var ne net.Error
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) || errors.As(err, &ne) {
				return err
			}
			if errors.As(err, &tooLong) {
				return fmt.Errorf("%w: %w", errBadMessage, sqlerr.New(sqlerr.ProtocolViolation, "message of %d bytes is larger than the limit of %d", tooLong.ActualBodyLen, tooLong.MaxExpectedBodyLen))
			}
			return fmt.Errorf("%w: %w", errBadMessage, sqlerr.New(sqlerr.ProtocolViolation, "invalid frontend message: %s", err))
		}
		if !in.put(c.ctx, keepMessage(m)) {
			return net.ErrClosed
		}
	}
}

// keepMessage copies what the backend would overwrite with its next message.
func keepMessage(m pgproto3.FrontendMessage) pgproto3.FrontendMessage {
	switch m := m.(type) {
	case *pgproto3.Query:
		x := *m
		return &x
	case *pgproto3.Parse:
		x := *m
		x.ParameterOIDs = append([]uint32(nil), m.ParameterOIDs...)
		return &x
	case *pgproto3.Bind:
		x := *m
		x.Parameters = make([][]byte, len(m.Parameters))
		for i, p := range m.Parameters {
			if p != nil {
				x.Parameters[i] = append([]byte{}, p...)
			}
		}
		x.ParameterFormatCodes = append([]int16(nil), m.ParameterFormatCodes...)
		x.ResultFormatCodes = append([]int16(nil), m.ResultFormatCodes...)
		return &x
	case *pgproto3.Describe:
		x := *m
		return &x
	case *pgproto3.Execute:
		x := *m
		return &x
	case *pgproto3.Close:
		x := *m
		return &x
	}
	return m
}

// loop answers messages until the client ends the session or the server stops.
func (c *conn) loop(in *inbox) error {
	for {
		m, err := in.take(c.ctx)
		switch {
		case c.ctx.Err() != nil && errors.Is(context.Cause(c.ctx), errGone):
			return nil
		case c.ctx.Err() != nil:
			return errShutdown
		case err != nil:
			return err
		}
		more, err := c.handle(m)
		if err != nil || !more {
			return err
		}
	}
}

// handle answers one message; it returns an error only where the connection
// cannot go on.
func (c *conn) handle(m pgproto3.FrontendMessage) (bool, error) {
	if c.skip {
		switch m.(type) {
		case *pgproto3.Sync, *pgproto3.Terminate:
		default:
			return true, nil
		}
	}
	var err error
	switch m := m.(type) {
	case *pgproto3.Query:
		return true, c.simpleQuery(m.String)
	case *pgproto3.Parse:
		err = c.parse(m)
	case *pgproto3.Bind:
		err = c.bind(m)
	case *pgproto3.Describe:
		err = c.describe(m)
	case *pgproto3.Execute:
		err = c.execute(m)
	case *pgproto3.Close:
		err = c.close(m)
	case *pgproto3.Flush:
		return true, c.out.flush()
	case *pgproto3.Sync:
		c.skip = false
		c.sess.EndImplicit()
		if !c.sess.InTransaction() {
			c.closePortals()
		}
		return true, c.ready()
	case *pgproto3.Terminate:
		return false, nil
	case *pgproto3.FunctionCall:
		c.sess.Failed()
		c.sendError(sqlerr.New(sqlerr.FeatureNotSupported, "the function call protocol is not supported"))
		return true, c.ready()
	case *pgproto3.CopyData, *pgproto3.CopyDone, *pgproto3.CopyFail:
		return true, nil // as PostgreSQL: leftovers of a COPY that failed
	default:
		return false, sqlerr.New(sqlerr.ProtocolViolation, "unexpected message %T", m)
	}
	if err != nil {
		var broken *writeError
		switch {
		case errors.As(err, &broken):
			return false, nil
		case errors.Is(err, errShutdown):
			return false, err
		}
		c.sess.Failed()
		c.sendError(err)
		c.skip = true
		return true, c.out.flush() // the client may wait for this answer before it sends Sync
	}
	return true, nil
}

// statement runs f under a context that a cancel request, the client's going
// away and the server's stop all end.
func (c *conn) statement(f func(ctx context.Context) error) (err error) {
	ctx, cancel := context.WithCancelCause(c.ctx)
	if d := c.sess.StatementTimeout(); d > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeoutCause(ctx, d, sqlerr.New(sqlerr.QueryCanceled, "canceling statement due to statement timeout"))
		defer stop()
	}
	c.mu.Lock()
	c.cancel = cancel
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		c.cancel = nil
		c.mu.Unlock()
		cancel(nil)
		if p := recover(); p != nil {
			err = c.panicked(p)
		}
	}()
	err = f(ctx)
	if err != nil && ctx.Err() != nil {
		var e *sqlerr.Error
		if cause := context.Cause(ctx); errors.As(cause, &e) {
			return e
		}
		if c.srv.stopped(c.ctx) {
			return errShutdown
		}
		return errCanceled
	}
	return err
}

// stopped tells a server that stops from a client that went away.
func (s *Server) stopped(ctx context.Context) bool {
	return ctx.Err() != nil && !errors.Is(context.Cause(ctx), errGone)
}

func (c *conn) cancelQuery(cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel != nil {
		c.cancel(cause)
	}
}

// ready tells the client that the next query may come.
func (c *conn) ready() error {
	for _, n := range c.sess.ParameterChanges() {
		c.out.send(&pgproto3.ParameterStatus{Name: n.Name, Value: n.Value})
	}
	state := "idle"
	if c.sess.InTransaction() {
		state = "idle in transaction"
	}
	c.runs(state, "")
	c.out.send(&pgproto3.ReadyForQuery{TxStatus: c.sess.TxStatus()})
	return c.out.flush()
}

// Times that a client may take.
const (
	loginTime = time.Minute     // from connecting to the end of authentication
	lastWords = 2 * time.Second // to read what it is told when its connection ends
)

// logIn is startup within a time limit.
func (c *conn) logIn() (bool, error) {
	_ = c.nc.SetDeadline(time.Now().Add(loginTime))
	ok, err := c.startup()
	_ = c.nc.SetDeadline(time.Time{})
	if c.ctx.Err() != nil { // that has set a deadline which was just lifted
		_ = c.nc.SetDeadline(time.Now().Add(lastWords))
	}
	return ok, err
}

// startup negotiates the session; it returns false when the connection served
// its purpose without one (a cancel request).
func (c *conn) startup() (bool, error) {
	for {
		m, err := c.be.ReceiveStartupMessage()
		if err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return false, nil
			}
			return false, sqlerr.New(sqlerr.ProtocolViolation, "invalid startup packet: %s", err)
		}
		switch m := m.(type) {
		case *pgproto3.SSLRequest, *pgproto3.GSSEncRequest:
			if _, err := c.nc.Write([]byte{'N'}); err != nil {
				return false, nil
			}
		case *pgproto3.CancelRequest:
			key := make([]byte, 4)
			copy(key, m.SecretKey)
			c.srv.cancel(m.ProcessID, binary.BigEndian.Uint32(key))
			return false, nil
		case *pgproto3.StartupMessage:
			return true, c.open(m)
		}
	}
}

// open authenticates and starts the session.
func (c *conn) open(m *pgproto3.StartupMessage) error {
	params := map[string]string{}
	for k, v := range m.Parameters {
		params[k] = v
	}
	user, database := params["user"], params["database"]
	if user == "" {
		return sqlerr.New(sqlerr.InvalidAuthorization, "no PostgreSQL user name specified in startup packet")
	}
	if err := c.authenticate(user); err != nil {
		return err
	}
	delete(params, "user")
	delete(params, "database")
	for k := range params {
		if strings.HasPrefix(k, "_pq_.") || k == "replication" {
			delete(params, k)
		}
	}
	sess, err := c.srv.engine.Connect(c.ctx, user, database, params)
	if err != nil {
		return err
	}
	c.sess = sess
	if !c.srv.register(c) {
		sess.Close()
		return sqlerr.New(sqlerr.TooManyConnections, "sorry, too many clients already")
	}
	sess.SetBackend(c.pid)
	c.introduce(user, sess.Database(), params["application_name"])
	c.out.send(&pgproto3.AuthenticationOk{})
	for _, p := range sess.ReportedParameters() {
		c.out.send(&pgproto3.ParameterStatus{Name: p.Name, Value: p.Value})
	}
	key := binary.BigEndian.AppendUint32(nil, c.secret)
	c.out.send(&pgproto3.BackendKeyData{ProcessID: c.pid, SecretKey: key})
	return c.ready()
}
