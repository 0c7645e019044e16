package rpc

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/flintsql/flint/cluster/clusterpb"
)

func secret(t *testing.T, s string) Security {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(s+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	sec, err := SecurityFiles{Secret: path}.Load()
	if err != nil {
		t.Fatal(err)
	}
	return sec
}

func TestMayListen(t *testing.T) {
	open, closed := Security{}, secret(t, "0123456789abcdef")
	for _, c := range []struct {
		s        Security
		addr     string
		insecure bool
		ok       bool
	}{
		{open, "127.0.0.1:1", false, true}, {open, "localhost:1", false, true}, {open, "[::1]:1", false, true},
		{open, "0.0.0.0:1", false, false}, {open, ":1", false, false}, {open, "10.1.2.3:1", false, false}, {open, "example.org:1", false, false},
		{open, "0.0.0.0:1", true, true}, {closed, "0.0.0.0:1", false, true}, {closed, "nonsense", false, false},
	} {
		if err := c.s.MayListen(c.addr, c.insecure); (err == nil) != c.ok {
			t.Errorf("%s insecure=%v credentials=%v: %v", c.addr, c.insecure, c.s.Credentials(), err)
		}
	}
	path := filepath.Join(t.TempDir(), "short")
	if err := os.WriteFile(path, []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (SecurityFiles{Secret: path}).Load(); err == nil {
		t.Error("a short secret was taken")
	}
}

// TestToken: unary calls and streams are served only to those who know the secret.
func TestToken(t *testing.T) {
	s := secret(t, "0123456789abcdef")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := NewServer(s)
	clusterpb.RegisterShuffleServer(g, clusterpb.UnimplementedShuffleServer{})
	go g.Serve(l)
	defer g.Stop()
	for _, c := range []struct {
		client Security
		want   codes.Code
	}{{s, codes.Unimplemented}, {Security{}, codes.Unauthenticated}, {secret(t, "fedcba9876543210"), codes.Unauthenticated}} {
		conn, err := Dial(l.Addr().String(), c.client)
		if err != nil {
			t.Fatal(err)
		}
		client := clusterpb.NewShuffleClient(conn)
		if _, err := client.Commit(t.Context(), &clusterpb.CommitRequest{}); status.Code(err) != c.want {
			t.Errorf("unary: %v, want %v", err, c.want)
		}
		st, err := client.Fetch(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := st.RecvMsg(&clusterpb.Frame{}); status.Code(err) != c.want {
			t.Errorf("stream: %v, want %v", err, c.want)
		}
		conn.Close()
	}
}

func TestFaults(t *testing.T) {
	f, err := ParseFaults("slow-batch:50ms,slow-fetch:1s")
	if err != nil || f.SlowBatch != 50*time.Millisecond || f.SlowFetch != time.Second {
		t.Errorf("%+v %v", f, err)
	}
	for _, bad := range []string{"x:1s", "slow-batch", "slow-batch:x"} {
		if _, err := ParseFaults(bad); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestLease(t *testing.T) {
	var l Lease
	beats := 0
	if err := l.Watch(t.Context(), 80*time.Millisecond, func() { beats++ }); err == nil || beats < 4 {
		t.Errorf("silence: %v after %d beats", err, beats)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := l.Watch(ctx, 80*time.Millisecond, l.Renew); err != context.DeadlineExceeded {
		t.Errorf("a peer that talks: %v", err)
	}
}
