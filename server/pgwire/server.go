// Package pgwire speaks the PostgreSQL frontend/backend protocol, version 3
// (PostgreSQL documentation, chapter "Frontend/Backend Protocol").
//
// Each connection has a reader goroutine, which decodes messages and sees the
// client go away while a query runs, and a session goroutine, which answers
// them in order.
package pgwire

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/flintsql/flint/server"
)

// Options of a Server.
type Options struct {
	MaxMessage     int // largest message body accepted, bytes
	MaxConnections int
	Authenticate   func(user string) (Verifier, error) // nil = trust everyone
	Log            *slog.Logger
}

// Defaults of Options.
const (
	DefaultMaxMessage     = 64 << 20
	DefaultMaxConnections = 500
)

// Server accepts connections for an engine.
type Server struct {
	engine *server.Engine
	o      Options
	nextID atomic.Uint32

	mu    sync.Mutex
	conns map[uint32]*conn
	wg    sync.WaitGroup
}

// New makes a server.
func New(e *server.Engine, o Options) *Server {
	if o.MaxMessage == 0 {
		o.MaxMessage = DefaultMaxMessage
	}
	if o.MaxConnections == 0 {
		o.MaxConnections = DefaultMaxConnections
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{engine: e, o: o, conns: map[uint32]*conn{}}
	e.SetBackends(s)
	return s
}

// acceptPause lets connections end when the process has no file left for a new one.
const acceptPause = 100 * time.Millisecond

// Serve accepts connections until ctx ends or the listener fails; it returns
// after every connection has ended. The connections' running queries are cancelled when ctx ends, and their clients told so (57P01).
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	for {
		nc, err := l.Accept()
		if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
			s.o.Log.Error("no file is left for a new connection", "error", err)
			time.Sleep(acceptPause)
			continue
		}
		if err != nil {
			s.wg.Wait()
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
			return err
		}
		s.wg.Add(1)
		go func() {
			defer s.wg.Done()
			s.serveConn(ctx, nc)
		}()
	}
}

// register gives a connection its process ID and secret key for cancel requests.
func (s *Server) register(c *conn) bool {
	var key [4]byte
	rand.Read(key[:]) // never fails (crypto/rand)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.conns) >= s.o.MaxConnections {
		return false
	}
	c.pid = s.nextID.Add(1)
	c.secret = binary.BigEndian.Uint32(key[:])
	s.conns[c.pid] = c
	return true
}

func (s *Server) unregister(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c.pid)
}

// cancel carries out a CancelRequest; a wrong key is ignored, as the protocol
// says.
func (s *Server) cancel(pid, secret uint32) {
	s.mu.Lock()
	c := s.conns[pid]
	s.mu.Unlock()
	if c != nil && c.secret == secret {
		c.cancelQuery(errCanceled)
	}
}
