package pgwire_test

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/flintsql/flint/server/slt"
)

// wire is a client that speaks single messages.
type wire struct {
	t  *testing.T
	nc net.Conn
	fe *pgproto3.Frontend
}

func dial(t *testing.T, s *slt.Server) *wire {
	t.Helper()
	nc, err := net.Dial("tcp", s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	nc.SetDeadline(time.Now().Add(20 * time.Second))
	w := &wire{t, nc, pgproto3.NewFrontend(nc, nc)}
	w.send(&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersionNumber, Parameters: map[string]string{"user": "u", "database": "tpch", "client_encoding": "'utf-8'"}})
	w.until("Z")
	return w
}

func (w *wire) send(ms ...pgproto3.FrontendMessage) {
	w.t.Helper()
	for _, m := range ms {
		w.fe.Send(m)
	}
	if err := w.fe.Flush(); err != nil {
		w.t.Fatal(err)
	}
}

// until reads up to a message of the kind, and returns all in short: T, D with
// values, C with its tag, E with its code, s for a suspended portal …
func (w *wire) until(kind string) string {
	w.t.Helper()
	var out []string
	for {
		m, err := w.fe.Receive()
		if err != nil {
			w.t.Fatalf("after %v: %v", out, err)
		}
		s := short(m)
		out = append(out, s)
		if strings.HasPrefix(s, kind) {
			return strings.Join(out, " ")
		}
	}
}

func short(m pgproto3.BackendMessage) string {
	switch m := m.(type) {
	case *pgproto3.DataRow:
		var vs []string
		for _, v := range m.Values {
			vs = append(vs, string(v))
		}
		return "D(" + strings.Join(vs, ",") + ")"
	case *pgproto3.CommandComplete:
		return "C(" + string(m.CommandTag) + ")"
	case *pgproto3.ErrorResponse:
		return "E(" + m.Code + ")"
	case *pgproto3.ReadyForQuery:
		return "Z(" + string(m.TxStatus) + ")"
	case *pgproto3.RowDescription:
		var vs []string
		for _, f := range m.Fields {
			vs = append(vs, string(f.Name))
		}
		return "T(" + strings.Join(vs, ",") + ")"
	}
	name, _ := strings.CutPrefix(fmt.Sprintf("%T", m), "*pgproto3.")
	return name
}

// TestMessages follows the extended protocol's rules, message by message.
func TestMessages(t *testing.T) {
	s := slt.Start(t, slt.Options{})
	w := dial(t, s)
	parse := func(name, sql string) pgproto3.FrontendMessage { return &pgproto3.Parse{Name: name, Query: sql} }
	bind := func(portal string) pgproto3.FrontendMessage { return &pgproto3.Bind{DestinationPortal: portal} }
	run := func(portal string, max uint32) pgproto3.FrontendMessage {
		return &pgproto3.Execute{Portal: portal, MaxRows: max}
	}
	sync, flush := &pgproto3.Sync{}, &pgproto3.Flush{}
	for _, step := range []struct {
		send []pgproto3.FrontendMessage
		to   string
		want string
	}{
		{[]pgproto3.FrontendMessage{parse("", "SELECT n_nationkey FROM nation ORDER BY 1 LIMIT 3"), bind("p"), run("p", 2), run("p", 2), sync}, "Z",
			"ParseComplete BindComplete D(0) D(1) PortalSuspended D(2) C(SELECT 1) Z(I)"},
		// An error is told at once; everything up to Sync is passed over.
		{[]pgproto3.FrontendMessage{parse("", "SELECT nope"), flush}, "E", "E(42703)"},
		{[]pgproto3.FrontendMessage{parse("", "SELECT 1"), bind(""), run("", 0), sync}, "Z", "Z(I)"},
		{[]pgproto3.FrontendMessage{parse("", ""), bind(""), run("", 0), sync}, "Z", "ParseComplete BindComplete EmptyQueryResponse Z(I)"},
		{[]pgproto3.FrontendMessage{bind("gone"), run("nothing", 0), sync}, "Z", "BindComplete E(34000) Z(I)"},
		{[]pgproto3.FrontendMessage{&pgproto3.Query{String: "BEGIN; DECLARE c CURSOR FOR SELECT n_name FROM nation ORDER BY 1"}}, "Z", "C(BEGIN) C(DECLARE CURSOR) Z(T)"},
		{[]pgproto3.FrontendMessage{&pgproto3.Describe{ObjectType: 'P', Name: "c"}, sync}, "Z", "T(n_name) Z(T)"},
		{[]pgproto3.FrontendMessage{&pgproto3.Query{String: "FETCH 2 FROM c; SELECT 1/0; SELECT 2"}}, "Z", "T(n_name) D(ALGERIA) D(ARGENTINA) C(FETCH 2) T(?column?) E(22012) Z(E)"},
		{[]pgproto3.FrontendMessage{&pgproto3.Query{String: "SELECT 1"}}, "Z", "E(25P02) Z(E)"},
		{[]pgproto3.FrontendMessage{&pgproto3.Query{String: "ROLLBACK; BEGIN"}}, "Z", "C(ROLLBACK) C(BEGIN) Z(T)"},
		{[]pgproto3.FrontendMessage{parse("", "SELECT n_nationkey FROM nation ORDER BY 1"), bind("p"), run("p", 1), sync}, "Z", "ParseComplete BindComplete D(0) PortalSuspended Z(T)"},
		{[]pgproto3.FrontendMessage{run("p", 1), run("nothing", 1), sync}, "Z", "D(1) PortalSuspended E(34000) Z(E)"},
		{[]pgproto3.FrontendMessage{run("p", 1), sync}, "Z", "E(25P02) Z(E)"},
		{[]pgproto3.FrontendMessage{&pgproto3.Query{String: "ROLLBACK; ;"}}, "Z", "C(ROLLBACK) Z(I)"},
		// A syntax error anywhere keeps all of the text from running.
		{[]pgproto3.FrontendMessage{&pgproto3.Query{String: "SELECT 1; BEGIN; SELEC 2"}}, "Z", "E(42601) Z(I)"},
		{[]pgproto3.FrontendMessage{&pgproto3.Query{String: "SELECT 1; SELECT nope"}}, "Z", "T(?column?) D(1) C(SELECT 1) E(42703) Z(I)"},
		// The unnamed statement ends with the next Parse or simple query.
		{[]pgproto3.FrontendMessage{parse("", "SELECT 1"), sync, parse("", "SELECT nope"), sync, bind(""), sync}, "Z", "ParseComplete Z(I)"},
		{nil, "Z", "E(42703) Z(I)"},
		{nil, "Z", "E(26000) Z(I)"},
		{[]pgproto3.FrontendMessage{parse("", "SELECT 1"), sync, &pgproto3.Query{String: ";"}, bind(""), sync}, "Z", "ParseComplete Z(I)"},
		{nil, "Z", "EmptyQueryResponse Z(I)"},
		{nil, "Z", "E(26000) Z(I)"},
		{[]pgproto3.FrontendMessage{&pgproto3.Query{String: " -- nothing\n"}}, "Z", "EmptyQueryResponse Z(I)"},
		{[]pgproto3.FrontendMessage{parse("a", "SELECT 1"), parse("a", "SELECT 2"), sync}, "Z", "ParseComplete E(42P05) Z(I)"},
		{[]pgproto3.FrontendMessage{&pgproto3.Close{ObjectType: 'S', Name: "a"}, &pgproto3.Close{ObjectType: 'P', Name: "never"}, sync}, "Z", "CloseComplete CloseComplete Z(I)"},
		{[]pgproto3.FrontendMessage{parse("", "SELECT 1; SELECT 2"), sync}, "Z", "E(42601) Z(I)"},
		{[]pgproto3.FrontendMessage{parse("", "SELECT $1::regclass"), &pgproto3.Bind{Parameters: [][]byte{[]byte("sf1.nation")}}, run("", 0), sync}, "Z",
			"ParseComplete BindComplete D(sf1.nation) C(SELECT 1) Z(I)"},
		{[]pgproto3.FrontendMessage{parse("", "SELECT $1::int"), bind(""), sync}, "Z", "ParseComplete E(08P01) Z(I)"},
	} {
		w.send(step.send...)
		if got := w.until(step.to); got != step.want {
			t.Errorf("%v:\n got %s\nwant %s", step.send, got, step.want)
		}
	}
}

// TestNoise sends what is no protocol at all, and half of what is; the server
// goes on for everybody else.
func TestNoise(t *testing.T) {
	s := slt.Start(t, slt.Options{})
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 200 {
		nc, err := net.Dial("tcp", s.Addr)
		if err != nil {
			t.Fatal(err)
		}
		nc.SetDeadline(time.Now().Add(10 * time.Second))
		noise := make([]byte, r.IntN(200))
		for k := range noise {
			noise[k] = byte(r.Uint32())
		}
		if i%2 == 1 { // a good start first
			start, _ := (&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersionNumber, Parameters: map[string]string{"user": "u"}}).Encode(nil)
			noise = append(start, noise...)
			if len(noise) > len(start)+5 { // a length that is no reason to wait for more
				copy(noise[len(start)+1:], []byte{0, 0, 0, byte(4 + r.IntN(20))})
			}
		}
		nc.Write(noise)
		nc.(*net.TCPConn).CloseWrite()
		if _, err := io.Copy(io.Discard, nc); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Errorf("connection %d did not end: %v", i, err)
		}
		nc.Close()
	}
	dial(t, s).send(&pgproto3.Terminate{})
}
