package slt

import (
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
	"go.uber.org/goleak"
)

// rawConn is a connection whose bytes a test writes itself.
type rawConn struct {
	net.Conn
	fe *pgproto3.Frontend
}

// dial opens a connection; with start, through the startup to the first ReadyForQuery.
func dial(t *testing.T, s *Server, start bool) *rawConn {
	t.Helper()
	nc, err := net.Dial("tcp", s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	nc.SetDeadline(time.Now().Add(10 * time.Second))
	c := &rawConn{nc, pgproto3.NewFrontend(nc, nc)}
	if start {
		c.fe.Send(&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersionNumber, Parameters: map[string]string{"user": "test", "database": "tpch"}})
		c.fe.Flush()
		if codes, err := c.untilReady(); err != nil || len(codes) > 0 {
			t.Fatalf("startup: %v %v", codes, err)
		}
	}
	return c
}

// untilReady reads messages up to ReadyForQuery and returns the errors' SQLSTATEs.
func (c *rawConn) untilReady() (codes []string, err error) {
	for {
		m, err := c.fe.Receive()
		if err != nil {
			return codes, err
		}
		switch m := m.(type) {
		case *pgproto3.ErrorResponse:
			codes = append(codes, m.Code)
		case *pgproto3.ReadyForQuery:
			return codes, nil
		}
	}
}

// message frames a body; extra is added to its length field.
func message(typ byte, body []byte, extra int) []byte {
	out := binary.BigEndian.AppendUint32([]byte{typ}, uint32(len(body)+4+extra))
	return append(out, body...)
}

// TestWireRecovers sends messages that are well formed but wrong: each gives its
// error, and the connection goes on after Sync.
func TestWireRecovers(t *testing.T) {
	s := Start(t, Options{})
	c := dial(t, s, true)
	defer c.Close()
	parse := func(name, sql string) *pgproto3.Parse { return &pgproto3.Parse{Name: name, Query: sql} }
	for _, tc := range []struct {
		name string
		msgs []pgproto3.FrontendMessage
		code string
	}{
		{"execute a missing portal", []pgproto3.FrontendMessage{&pgproto3.Execute{Portal: "nope"}}, "34000"},
		{"bind a missing statement", []pgproto3.FrontendMessage{&pgproto3.Bind{PreparedStatement: "nope"}}, "26000"},
		{"describe a missing statement", []pgproto3.FrontendMessage{&pgproto3.Describe{ObjectType: 'S', Name: "nope"}}, "26000"},
		{"describe a missing portal", []pgproto3.FrontendMessage{&pgproto3.Describe{ObjectType: 'P', Name: "nope"}}, "34000"},
		{"describe nothing known", []pgproto3.FrontendMessage{&pgproto3.Describe{ObjectType: 'X', Name: ""}}, "08P01"},
		{"close nothing known", []pgproto3.FrontendMessage{&pgproto3.Close{ObjectType: 'X', Name: ""}}, "08P01"},
		{"close what is not there", []pgproto3.FrontendMessage{&pgproto3.Close{ObjectType: 'S', Name: "nope"}, &pgproto3.Close{ObjectType: 'P', Name: "nope"}}, ""},
		{"too few parameters", []pgproto3.FrontendMessage{parse("", "SELECT $1::int + $2::int"), &pgproto3.Bind{Parameters: [][]byte{[]byte("1")}}}, "08P01"},
		{"too many parameters", []pgproto3.FrontendMessage{parse("", "SELECT 1"), &pgproto3.Bind{Parameters: [][]byte{[]byte("1")}}}, "08P01"},
		{"wrong number of formats", []pgproto3.FrontendMessage{parse("", "SELECT $1::int, $2::int, $3::int"), &pgproto3.Bind{ParameterFormatCodes: []int16{0, 1}, Parameters: [][]byte{[]byte("1"), []byte("2"), []byte("3")}}}, "08P01"},
		{"wrong number of result formats", []pgproto3.FrontendMessage{parse("", "SELECT 1, 2, 3"), &pgproto3.Bind{ResultFormatCodes: []int16{0, 1}}, &pgproto3.Execute{}}, "08P01"},
		{"unknown format", []pgproto3.FrontendMessage{parse("", "SELECT $1::int"), &pgproto3.Bind{ParameterFormatCodes: []int16{7}, Parameters: [][]byte{[]byte("1")}}}, "22023"},
		{"parameter that is no value", []pgproto3.FrontendMessage{parse("", "SELECT $1::int"), &pgproto3.Bind{Parameters: [][]byte{[]byte("x")}}}, "22P02"},
		{"binary parameter of a wrong length", []pgproto3.FrontendMessage{parse("", "SELECT $1::int"), &pgproto3.Bind{ParameterFormatCodes: []int16{1}, Parameters: [][]byte{{1, 2}}}}, "08P01"},
		{"binary parameter that is too long", []pgproto3.FrontendMessage{parse("", "SELECT $1::int"), &pgproto3.Bind{ParameterFormatCodes: []int16{1}, Parameters: [][]byte{{1, 2, 3, 4, 5}}}}, "22P03"},
		{"parameter that is not UTF-8", []pgproto3.FrontendMessage{parse("", "SELECT $1::text"), &pgproto3.Bind{Parameters: [][]byte{{0xff, 0xfe}}}}, "22021"},
		{"text that is not UTF-8", []pgproto3.FrontendMessage{parse("", "SELECT '\xff\xfe'")}, "22021"},
		{"statement that is there", []pgproto3.FrontendMessage{parse("a", "SELECT 1"), parse("a", "SELECT 1")}, "42P05"},
		{"two statements in one Parse", []pgproto3.FrontendMessage{parse("", "SELECT 1; SELECT 2")}, "42601"},
		{"messages after an error are skipped", []pgproto3.FrontendMessage{parse("", "SELEC"), parse("b", "SELECT 1"), &pgproto3.Bind{PreparedStatement: "b"}, &pgproto3.Execute{}}, "42601"},
		{"unknown parameter type", []pgproto3.FrontendMessage{&pgproto3.Parse{Query: "SELECT $1", ParameterOIDs: []uint32{4294967295}}}, "42704"},
		{"function call", []pgproto3.FrontendMessage{&pgproto3.FunctionCall{Function: 1}}, "0A000"},
		{"leftovers of COPY", []pgproto3.FrontendMessage{&pgproto3.CopyData{Data: []byte("x")}, &pgproto3.CopyDone{}}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			call := false
			for _, m := range tc.msgs {
				c.fe.Send(m)
				_, f := m.(*pgproto3.FunctionCall)
				call = call || f
			}
			if !call { // a function call is answered with ReadyForQuery by itself
				c.fe.Send(&pgproto3.Sync{})
			}
			c.fe.Flush()
			codes, err := c.untilReady()
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			if len(codes) > 0 {
				got = codes[0]
			}
			if got != tc.code || len(codes) > 1 {
				t.Errorf("got %v, want %q", codes, tc.code)
			}
			c.answers(t)
		})
	}
}

// answers checks that the connection still works.
func (c *rawConn) answers(t *testing.T) {
	t.Helper()
	c.fe.Send(&pgproto3.Query{String: "SELECT 1"})
	c.fe.Flush()
	if codes, err := c.untilReady(); err != nil || len(codes) > 0 {
		t.Fatalf("SELECT 1: %v %v", codes, err)
	}
}

// TestWireAttacks sends bytes that break the protocol: the server answers with an
// error or closes the connection, soon; others go on; nothing is left behind.
func TestWireAttacks(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Run("server", func(t *testing.T) {
		s := Start(t, Options{})
		witness := dial(t, s, true)
		defer witness.Close()
		for name, bytes := range startupAttacks() {
			t.Run("startup/"+name, func(t *testing.T) { attack(t, dial(t, s, false), bytes) })
		}
		for name, bytes := range sessionAttacks() {
			t.Run("session/"+name, func(t *testing.T) { attack(t, dial(t, s, true), bytes) })
		}
		t.Run("random", func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(1, 2))
			for i := range 200 {
				garbage := make([]byte, rnd.IntN(200))
				for k := range garbage {
					garbage[k] = byte(rnd.Uint32())
				}
				if i%2 == 0 { // a known type and a true length, so that the body is reached
					garbage = message("QPBDECSXHdcfp"[rnd.IntN(13)], garbage, 0)
				}
				attack(t, dial(t, s, i%4 < 2), garbage)
			}
		})
		witness.answers(t)
	})
}

// attack sends bytes, ends the sending side, and reads until the server closes.
func attack(t *testing.T, c *rawConn, bytes []byte) {
	t.Helper()
	defer c.Close()
	c.Write(bytes)
	c.Conn.(*net.TCPConn).CloseWrite()
	if _, err := io.Copy(io.Discard, c.Conn); err != nil {
		var ne net.Error
		if errors.As(err, &ne) && ne.Timeout() {
			t.Errorf("the server keeps the connection open after %q", bytes[:min(len(bytes), 60)])
		}
	}
}

func startupAttacks() map[string][]byte {
	packet := func(n uint32, body string) []byte {
		return append(binary.BigEndian.AppendUint32(nil, n), body...)
	}
	return map[string][]byte{
		"nothing":           {},
		"one byte":          {0},
		"length 0":          packet(0, ""),
		"length 4":          packet(4, ""),
		"length 2^31":       packet(1<<31, "\x00\x03\x00\x00"),
		"length 2^32-1":     packet(1<<32-1, "\x00\x03\x00\x00"),
		"truncated":         packet(100, "\x00\x03\x00\x00user"),
		"protocol 2":        packet(8, "\x00\x02\x00\x00"),
		"protocol 9.9":      packet(8, "\x00\x09\x00\x09"),
		"no terminator":     packet(12, "\x00\x03\x00\x00user"),
		"no user":           packet(9, "\x00\x03\x00\x00\x00"),
		"key without value": packet(14, "\x00\x03\x00\x00user\x00\x00"),
		"HTTP":              []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		"SSL twice":         append(packet(8, "\x04\xd2\x16\x2f"), packet(8, "\x04\xd2\x16\x2f")...),
		"cancel unknown":    packet(16, "\x04\xd2\x16\x2e\x00\x00\x00\x01\x00\x00\x00\x02"),
		"cancel short":      packet(8, "\x04\xd2\x16\x2e"),
		"unknown database":  packet(35, "\x00\x03\x00\x00user\x00a\x00database\x00nowhere\x00\x00"),
		"unknown setting":   packet(26, "\x00\x03\x00\x00user\x00a\x00nosuch\x00v\x00\x00"),
	}
}

func sessionAttacks() map[string][]byte {
	return map[string][]byte{
		"unknown type":             message('?', []byte("abc"), 0),
		"type 0":                   message(0, nil, 0),
		"length 0":                 {'Q', 0, 0, 0, 0},
		"length 3":                 {'Q', 0, 0, 0, 3},
		"length negative":          {'Q', 0xff, 0xff, 0xff, 0xff},
		"length 2^31-1":            {'Q', 0x7f, 0xff, 0xff, 0xff, 'x'},
		"length above the limit":   {'Q', 0x40, 0, 0, 0, 'x'},
		"query without terminator": message('Q', []byte("SELECT 1"), 0),
		"query truncated":          message('Q', []byte("SELECT 1\x00"), 50),
		"query empty body":         message('Q', nil, 0),
		"bytes after the query":    message('Q', []byte("SELECT 1\x00trailing"), 0),
		"parse short":              message('P', []byte("a"), 0),
		"parse many types":         message('P', []byte("\x00SELECT 1\x00\xff\xff"), 0),
		"bind short":               message('B', []byte("\x00\x00\x00\x01"), 0),
		"bind negative length":     message('B', []byte("\x00\x00\x00\x00\x00\x01\xff\xff\xff\xf0\x00\x00"), 0),
		"bind huge parameter":      message('B', []byte("\x00\x00\x00\x00\x00\x01\x7f\xff\xff\xff\x00\x00"), 0),
		"bind negative count":      message('B', []byte("\x00\x00\xff\xff\xff\xff"), 0),
		"execute short":            message('E', []byte("\x00\x00"), 0),
		"describe empty":           message('D', nil, 0),
		"close empty":              message('C', nil, 0),
		"password out of place":    message('p', []byte("secret\x00"), 0),
		"startup again":            append(binary.BigEndian.AppendUint32(nil, 8), 0, 3, 0, 0),
		"terminate with a body":    message('X', []byte("bye"), 0),
		"query then nothing":       message('Q', []byte("SELECT count(*) FROM tpch.sf10.lineitem\x00"), 0),
	}
}

// TestUnknownDatabase is refused at connecting, as in PostgreSQL.
func TestUnknownDatabase(t *testing.T) {
	s := Start(t, Options{})
	c := dial(t, s, false)
	defer c.Close()
	c.fe.Send(&pgproto3.StartupMessage{ProtocolVersion: pgproto3.ProtocolVersionNumber, Parameters: map[string]string{"user": "test", "database": "nowhere"}})
	c.fe.Flush()
	codes, err := c.untilReady()
	if !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) || len(codes) != 1 || codes[0] != "3D000" {
		t.Errorf("got %v %v, want 3D000 and the end", codes, err)
	}
}
