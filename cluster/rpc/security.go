package rpc

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Security is what a process shows its peers and asks of them. The zero value
// trusts everyone, which is for loopback.
type Security struct {
	secret string
	tls    *tls.Config // of both roles; nil = plain text
}

// SecurityFiles are the files that Load reads; empty ones are left out.
type SecurityFiles struct {
	Secret        string // shared secret: every peer must know it
	CA, Cert, Key string // mutual TLS
}

// Load reads a Security.
func (f SecurityFiles) Load() (Security, error) {
	var s Security
	if f.Secret != "" {
		b, err := os.ReadFile(f.Secret)
		if err != nil {
			return s, fmt.Errorf("read secret: %w", err)
		}
		if s.secret = strings.TrimSpace(string(b)); len(s.secret) < 16 {
			return s, fmt.Errorf("secret in %s is shorter than 16 characters", f.Secret)
		}
	}
	if f.CA == "" && f.Cert == "" && f.Key == "" {
		return s, nil
	}
	pair, err := tls.LoadX509KeyPair(f.Cert, f.Key)
	if err != nil {
		return s, fmt.Errorf("load TLS certificate: %w", err)
	}
	ca, err := os.ReadFile(f.CA)
	if err != nil {
		return s, fmt.Errorf("read TLS CA: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(ca) {
		return s, fmt.Errorf("no certificate in %s", f.CA)
	}
	s.tls = &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{pair}, RootCAs: pool, ClientCAs: pool,
		ClientAuth: tls.RequireAndVerifyClientCert}
	return s, nil
}

// Credentials reports whether peers must prove themselves.
func (s Security) Credentials() bool { return s.secret != "" || s.tls != nil }

// MayListen refuses an address that other machines can reach while nothing
// keeps strangers out.
func (s Security) MayListen(addr string, allowInsecure bool) error {
	local, err := Loopback(addr)
	if err != nil || local || s.Credentials() || allowInsecure {
		return err
	}
	return fmt.Errorf("refusing to listen on %s without credentials: give --secret-file FILE, or --insecure", addr)
}

// Loopback tells an address that only this machine reaches.
func Loopback(addr string) (bool, error) {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false, fmt.Errorf("address %q: %w", addr, err)
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback(), nil
}

func (s Security) transport() credentials.TransportCredentials {
	if s.tls == nil {
		return insecure.NewCredentials()
	}
	return credentials.NewTLS(s.tls)
}

const tokenKey = "flint-secret"

// token is the secret as every call carries it: hashed, so that a plain-text
// listener does not show the secret itself.
func (s Security) token() string {
	if s.secret == "" {
		return ""
	}
	return fmt.Sprintf("%x", sha256.Sum256([]byte("flint rpc "+s.secret)))
}

// perCall adds the token to every call.
type perCall struct{ token string }

func (p perCall) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{tokenKey: p.token}, nil
}
func (perCall) RequireTransportSecurity() bool { return false }

// check verifies a call's token.
func (s Security) check(ctx context.Context) error {
	if s.secret == "" {
		return nil
	}
	md, _ := metadata.FromIncomingContext(ctx)
	got := md.Get(tokenKey)
	if len(got) != 1 || subtle.ConstantTimeCompare([]byte(got[0]), []byte(s.token())) != 1 {
		return status.Error(codes.Unauthenticated, "the peer does not know the cluster's secret")
	}
	return nil
}

func (s Security) unary(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if err := s.check(ctx); err != nil {
		return nil, err
	}
	return next(ctx, req)
}

func (s Security) stream(srv any, st grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	if err := s.check(st.Context()); err != nil {
		return err
	}
	return next(srv, st)
}
