package rpc

import (
	"math"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/keepalive"
)

// window is the flow-control window of a stream and of a connection: two
// messages of the size that the shuffle aims at.
const window = 2 << 20

// keepAlive finds dead peers whose machine vanished without a word.
const keepAlive = 5 * time.Second

// NewServer makes a server with the plumbing of every process. Messages are not
// limited in size: plans, batches and results come in chunks, and a single huge value still passes.
func NewServer(s Security) *grpc.Server {
	return grpc.NewServer(
		grpc.Creds(s.transport()),
		grpc.ForceServerCodecV2(newCodec()),
		grpc.MaxRecvMsgSize(math.MaxInt32), grpc.MaxSendMsgSize(math.MaxInt32),
		grpc.InitialWindowSize(window), grpc.InitialConnWindowSize(8*window),
		grpc.MaxConcurrentStreams(math.MaxUint32),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: keepAlive, Timeout: keepAlive}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: time.Second, PermitWithoutStream: true}),
		grpc.UnaryInterceptor(s.unary), grpc.StreamInterceptor(s.stream),
	)
}

// Dial makes a connection, which connects when it is first used.
func Dial(addr string, s Security) (*grpc.ClientConn, error) {
	opts := []grpc.DialOption{
		grpc.WithTransportCredentials(s.transport()),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(newCodec()), grpc.MaxCallRecvMsgSize(math.MaxInt32), grpc.MaxCallSendMsgSize(math.MaxInt32)),
		grpc.WithInitialWindowSize(window), grpc.WithInitialConnWindowSize(8 * window),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: keepAlive, Timeout: keepAlive, PermitWithoutStream: true}),
		grpc.WithConnectParams(grpc.ConnectParams{MinConnectTimeout: 2 * time.Second,
			Backoff: backoff.Config{BaseDelay: 50 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: time.Second}}),
		grpc.WithNoProxy(),
		grpc.WithDisableServiceConfig(),
	}
	if s.secret != "" {
		opts = append(opts, grpc.WithPerRPCCredentials(perCall{s.token()}))
	}
	return grpc.NewClient("passthrough:///"+addr, opts...)
}

// Pool keeps one connection per address. It is safe for concurrent use.
type Pool struct {
	security Security

	mu    sync.Mutex
	conns map[string]*grpc.ClientConn
}

// NewPool makes an empty pool.
func NewPool(s Security) *Pool { return &Pool{security: s, conns: map[string]*grpc.ClientConn{}} }

// Get returns the connection to an address; it stays the pool's.
func (p *Pool) Get(addr string) (*grpc.ClientConn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.conns[addr]; c != nil {
		return c, nil
	}
	c, err := Dial(addr, p.security)
	if err == nil {
		p.conns[addr] = c
	}
	return c, err
}

// Retain closes the connections to addresses that keep does not name.
func (p *Pool) Retain(keep func(addr string) bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for addr, c := range p.conns {
		if !keep(addr) {
			c.Close()
			delete(p.conns, addr)
		}
	}
}

// Close closes all connections.
func (p *Pool) Close() { p.Retain(func(string) bool { return false }) }
