package pgwire

import (
	"net"
	"slices"
	"time"

	"github.com/flintsql/flint/server"
)

// Activity lists the open sessions.
func (s *Server) Activity() []server.Activity {
	s.mu.Lock()
	conns := make([]*conn, 0, len(s.conns))
	for _, c := range s.conns {
		conns = append(conns, c)
	}
	s.mu.Unlock()
	out := make([]server.Activity, len(conns))
	for i, c := range conns {
		c.mu.Lock()
		out[i] = c.activity
		c.mu.Unlock()
	}
	slices.SortFunc(out, func(a, b server.Activity) int { return int(a.PID - b.PID) })
	return out
}

// Signal cancels a session's statement, or ends the session.
func (s *Server) Signal(pid uint32, terminate bool) bool {
	s.mu.Lock()
	c := s.conns[pid]
	s.mu.Unlock()
	switch {
	case c == nil:
		return false
	case terminate:
		c.stop(errShutdown)
	default:
		c.cancelQuery(errCanceled)
	}
	return true
}

// introduce records who the client is.
func (c *conn) introduce(user, database, application string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	c.activity = server.Activity{PID: int32(c.pid), User: user, Database: database, Application: application,
		Started: now, QueryStart: now, State: "idle"}
	if a, ok := c.nc.RemoteAddr().(*net.TCPAddr); ok {
		c.activity.Client, c.activity.Port = a.IP.String(), int32(a.Port)
	}
}

// runs records what the session does; "" keeps the last statement.
func (c *conn) runs(state, query string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if query != "" {
		c.activity.Query, c.activity.QueryStart = query, time.Now()
	}
	c.activity.State = state
}
