package shuffle

import (
	"context"
	"io"
	"time"

	"github.com/flintsql/flint/cluster/clusterpb"
	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/exec"
)

// Service serves outputs to other processes: a worker's from its depot, an
// executor's or the driver's from its store. Either may be nil.
type Service struct {
	clusterpb.UnimplementedShuffleServer
	Depot       *Depot
	Store       *Store
	Compression Compression   // of what comes from the store
	Delay       time.Duration // fault point: before each batch
}

// Commit takes an executor's files into the depot.
func (s *Service) Commit(_ context.Context, r *clusterpb.CommitRequest) (*clusterpb.CommitReply, error) {
	if s.Depot == nil {
		return &clusterpb.CommitReply{Refused: "this process keeps no spool files"}, nil
	}
	files := map[int]string{}
	for _, f := range r.Files {
		files[int(f.Edge)] = f.Path
	}
	if err := s.Depot.Commit(AttemptOf(r.Attempt), files); err != nil {
		return &clusterpb.CommitReply{Refused: err.Error()}, nil
	}
	return &clusterpb.CommitReply{}, nil
}

// Fetch streams partitions of one output.
func (s *Service) Fetch(st clusterpb.Shuffle_FetchServer) error {
	first, err := st.Recv()
	if err != nil {
		return err
	}
	open := first.GetOpen()
	if open == nil {
		return toStatus(errCorrupt)
	}
	k := Key{AttemptOf(open.Attempt), int(open.Edge)}
	ctx, stop := context.WithCancelCause(st.Context())
	defer stop(nil)
	c := newCredit(int(open.Credit), stop)
	go c.receive(st)
	blocks, err := s.open(ctx, k, scheduler.Mode(open.Mode), scheduler.Span{From: int(open.Partition), To: int(open.Past)})
	if err == nil {
		err = s.send(ctx, st, blocks, c)
		blocks.close(c.done())
	}
	if err == nil || c.done() {
		return nil
	}
	return toStatus(err)
}

// blockSource gives blocks in order, io.EOF at the end. close tells whether the
// consumer said that it is done, rather than vanished.
type blockSource interface {
	next(ctx context.Context) (block, error)
	close(done bool)
}

func (s *Service) open(ctx context.Context, k Key, mode scheduler.Mode, parts scheduler.Span) (blockSource, error) {
	if mode == scheduler.Spooled && s.Depot != nil {
		f, err := s.Depot.open(k)
		if err != nil {
			return nil, err
		}
		return &fileBlocks{file: f, lists: f.extents(parts)}, nil
	}
	if s.Store == nil {
		return nil, &MissingError{k}
	}
	src, err := s.Store.Open(ctx, k, mode, parts)
	if err != nil {
		return nil, err
	}
	return &liveBlocks{src: src, enc: newEncoder(), compression: s.Compression}, nil
}

func (s *Service) send(ctx context.Context, st clusterpb.Shuffle_FetchServer, blocks blockSource, c *credit) error {
	for {
		if err := c.take(ctx); err != nil {
			return err
		}
		b, err := blocks.next(ctx)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if s.Delay > 0 {
			time.Sleep(s.Delay)
		}
		for _, f := range b.frames() {
			if err := st.SendMsg(f); err != nil {
				return err
			}
		}
	}
}

// fileBlocks reads blocks from a spool file as they are stored. A new list
// starts a partition.
type fileBlocks struct {
	file  *spoolFile
	lists [][]extent
}

func (b *fileBlocks) next(context.Context) (block, error) {
	reset := false
	for len(b.lists) > 0 && len(b.lists[0]) == 0 {
		b.lists, reset = b.lists[1:], true
	}
	if len(b.lists) == 0 {
		return block{}, io.EOF
	}
	x := b.lists[0][0]
	b.lists[0] = b.lists[0][1:]
	data, err := b.file.read(x)
	return block{parts: [][]byte{data}, size: x.size, raw: x.raw, compression: x.compression, reset: reset}, err
}

func (b *fileBlocks) close(bool) { b.file.close() }

// liveBlocks encodes batches of a store.
type liveBlocks struct {
	src         exec.Source
	enc         *encoder
	compression Compression
}

func (b *liveBlocks) next(ctx context.Context) (block, error) {
	batch, err := b.src.Next(ctx)
	if err != nil {
		return block{}, err
	}
	blk, err := b.enc.encode(batch)
	if err != nil {
		return block{}, err
	}
	return blk.compress(b.compression), nil
}

// close leaves a pipelined queue as it is when its consumer vanished: the
// scheduler will say what becomes of the producer.
func (b *liveBlocks) close(done bool) {
	if done {
		b.src.Close()
	}
}
