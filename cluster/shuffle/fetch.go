package shuffle

import (
	"context"
	"io"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/flintsql/flint/cluster/clusterpb"
	"github.com/flintsql/flint/cluster/rpc"
	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/vector"
)

// Remote opens outputs wherever they are: in this process's store, in the spool
// files of the worker on this machine, or through another process's service.
type Remote struct {
	Pool     *rpc.Pool
	Store    *Store               // of this process
	Executor scheduler.ExecutorID // whose pipelined outputs are in Store
	Worker   scheduler.WorkerID   // whose spooled outputs are in Dir, or in Store if Dir is empty
	Dir      string
	Address  func(src scheduler.Source, mode scheduler.Mode) string
}

// Open opens partitions of a source.
func (r *Remote) Open(ctx context.Context, src scheduler.Source, edge int, mode scheduler.Mode, parts scheduler.Span, schema *Schema) (exec.Source, error) {
	k := Key{src.Attempt, edge}
	switch {
	case mode == scheduler.Pipelined && src.Executor == r.Executor, mode == scheduler.Spooled && src.Worker == r.Worker && r.Dir == "":
		return r.Store.Open(ctx, k, mode, parts)
	case mode == scheduler.Spooled && src.Worker == r.Worker:
		return &localFile{dir: r.Dir, key: k, parts: parts, dec: newDecoder(schema)}, nil
	}
	addr := r.Address(src, mode)
	if addr == "" {
		return nil, &MissingError{k}
	}
	conn, err := r.Pool.Get(addr)
	if err != nil {
		return nil, err
	}
	return openRemote(ctx, conn, k, mode, parts, schema)
}

// localFile reads partitions of a spool file on this machine.
type localFile struct {
	dir   string
	key   Key
	parts scheduler.Span
	dec   *decoder

	mu     sync.Mutex
	blocks *fileBlocks
	closed bool
}

// OpenCarried opens partitions of an output that came with a launch.
func OpenCarried(content string, parts scheduler.Span, schema *Schema) (exec.Source, error) {
	f, err := openCarried(content)
	if err != nil {
		return nil, err
	}
	return &localFile{dec: newDecoder(schema), blocks: &fileBlocks{file: f, lists: f.extents(parts)}}, nil
}

func (l *localFile) Next(ctx context.Context) (*vector.Batch, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, io.EOF
	}
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	if l.blocks == nil {
		f, err := openOutput(l.dir, l.key)
		if err != nil {
			return nil, err
		}
		l.blocks = &fileBlocks{file: f, lists: f.extents(l.parts)}
	}
	b, err := l.blocks.next(ctx)
	if err != nil {
		return nil, err
	}
	if b.reset {
		l.dec.reset()
	}
	data, err := expand(b.parts[0], b.raw, b.compression)
	if err != nil {
		return nil, err
	}
	return l.dec.decode(data)
}

func (l *localFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.blocks != nil && !l.closed {
		l.blocks.close(true)
	}
	l.closed = true
	return nil
}

// remote reads a partition through another process's service.
type remote struct {
	key    Key
	mode   scheduler.Mode
	stream grpc.BidiStreamingClient[clusterpb.FetchRequest, clusterpb.Frame]
	cancel context.CancelFunc
	// unwatch ends the tie to the task's context.
	unwatch func() bool
	dec     *decoder
	block   assembly

	mu     sync.Mutex // of sends
	ended  bool       // the stream is at its end
	closed bool
}

func openRemote(ctx context.Context, conn *grpc.ClientConn, k Key, mode scheduler.Mode, parts scheduler.Span, schema *Schema) (*remote, error) {
	// The stream outlives ctx while Close says goodbye.
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	unwatch := context.AfterFunc(ctx, cancel)
	st, err := clusterpb.NewShuffleClient(conn).Fetch(inner)
	if err == nil {
		err = st.Send(&clusterpb.FetchRequest{Request: &clusterpb.FetchRequest_Open{Open: &clusterpb.FetchOpen{
			Attempt: AttemptPB(k.Attempt), Edge: int32(k.Edge), Mode: uint32(mode), Partition: int32(parts.From), Past: int32(parts.To), Credit: fetchCredit}}})
	}
	if err != nil && err != io.EOF { // io.EOF: the reason comes with the first receive
		cancel()
		return nil, fromStatus(ctx, err, k)
	}
	return &remote{key: k, mode: mode, stream: st, cancel: cancel, unwatch: unwatch, dec: newDecoder(schema)}, nil
}

func (r *remote) Next(ctx context.Context) (*vector.Batch, error) {
	for {
		if err := r.stream.RecvMsg(&Frame{into: &r.block}); err != nil {
			r.mu.Lock()
			r.ended = true
			r.mu.Unlock()
			r.cancel()
			if err == io.EOF {
				return nil, err
			}
			return nil, fromStatus(ctx, err, r.key)
		}
		if r.block.whole {
			break
		}
	}
	b, err := r.block.batch(r.dec)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		// A failure shows at the next receive.
		_ = r.stream.Send(&clusterpb.FetchRequest{Request: &clusterpb.FetchRequest_Credit{Credit: 1}})
	}
	return b, nil
}

// goodbye is how long a closed stream may take to tell a producer so.
const goodbye = 5 * time.Second

// Close tells a pipelined producer that nobody wants more. It may be called
// while Next waits.
func (r *remote) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	r.closed = true
	r.unwatch()
	if r.ended || r.mode == scheduler.Spooled {
		r.cancel()
		return nil
	}
	_ = r.stream.Send(&clusterpb.FetchRequest{Request: &clusterpb.FetchRequest_Done{Done: true}})
	_ = r.stream.CloseSend()
	time.AfterFunc(goodbye, r.cancel)
	return nil
}
