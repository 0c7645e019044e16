package shuffle

import (
	"context"
	"fmt"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/flintsql/flint/cluster/clusterpb"
	"github.com/flintsql/flint/cluster/scheduler"
	"github.com/flintsql/flint/exec"
	"github.com/flintsql/flint/exec/vector"
	"github.com/flintsql/flint/physical"
	"github.com/flintsql/flint/sql/types"
)

// TransientError is a failure that another try may not meet again.
type TransientError struct{ Err error }

func (e *TransientError) Error() string { return e.Err.Error() }

// Unwrap returns the cause.
func (e *TransientError) Unwrap() error { return e.Err }

// ResultSink sends the rows of one attempt of the result stage to the driver
// (exec.Sink). The driver's flow control holds it back. It belongs to one task.
type ResultSink struct {
	client      clusterpb.DriverClient
	open        *clusterpb.ResultOpen
	enc         *encoder
	compression Compression
	stream      grpc.ClientStreamingClient[clusterpb.Frame, clusterpb.ResultReply]
}

// NewResultSink prepares a sink; nothing is sent before the first row.
func NewResultSink(c clusterpb.DriverClient, a scheduler.Attempt, x scheduler.ExecutorID, comp Compression) *ResultSink {
	return &ResultSink{client: c, open: &clusterpb.ResultOpen{Attempt: AttemptPB(a), Executor: string(x)}, enc: newEncoder(), compression: comp}
}

// Write sends a batch.
func (s *ResultSink) Write(ctx context.Context, _ physical.EdgeID, _ int, b *vector.Batch) error {
	if s.stream == nil {
		st, err := s.client.Result(ctx)
		if err != nil {
			return s.failed(ctx, err)
		}
		s.stream = st
		head, err := proto.Marshal(s.open)
		if err != nil {
			return err
		}
		if err := s.send(ctx, block{parts: [][]byte{head}, size: len(head), raw: len(head)}); err != nil {
			return err
		}
	}
	blk, err := s.enc.encode(b)
	if err != nil {
		return err
	}
	return s.send(ctx, blk.compress(s.compression))
}

func (s *ResultSink) send(ctx context.Context, b block) error {
	for _, f := range b.frames() {
		if err := s.stream.SendMsg(f); err != nil {
			if err == io.EOF {
				return s.reply(ctx)
			}
			return s.failed(ctx, err)
		}
	}
	return nil
}

// reply reads the driver's last word.
func (s *ResultSink) reply(ctx context.Context) error {
	var r clusterpb.ResultReply
	if err := s.stream.RecvMsg(&r); err != nil {
		return s.failed(ctx, err)
	}
	if r.Done {
		return exec.ErrDone
	}
	return nil
}

func (s *ResultSink) failed(ctx context.Context, err error) error {
	err = fromStatus(ctx, err, Key{})
	if _, lost := err.(*MissingError); lost {
		return &TransientError{fmt.Errorf("the driver can't be reached")}
	}
	return err
}

// Finish waits until the driver holds all rows.
func (s *ResultSink) Finish(ctx context.Context) error {
	if s.stream == nil {
		return nil
	}
	if err := s.stream.CloseSend(); err != nil {
		return s.failed(ctx, err)
	}
	return s.reply(ctx)
}

// ReceiveResult serves a Result call: accept names the columns and the sink of
// an attempt, or refuses it.
func ReceiveResult(st clusterpb.Driver_ResultServer, accept func(scheduler.Attempt, scheduler.ExecutorID) ([]types.Field, exec.Sink, error)) error {
	var a assembly
	if err := receiveBlock(st, &a); err != nil {
		return err
	}
	var open clusterpb.ResultOpen
	if err := proto.Unmarshal(a.data, &open); err != nil {
		return toStatus(errCorrupt)
	}
	fields, sink, err := accept(AttemptOf(open.Attempt), scheduler.ExecutorID(open.Executor))
	if err != nil {
		return toStatus(err)
	}
	dec := newDecoder(NewSchema(fields))
	for {
		err := receiveBlock(st, &a)
		if err == io.EOF {
			return st.SendAndClose(&clusterpb.ResultReply{})
		}
		if err != nil {
			return err
		}
		b, err := a.batch(dec)
		if err != nil {
			return toStatus(err)
		}
		switch err := sink.Write(st.Context(), 0, 0, b); {
		case err == exec.ErrDone:
			return st.SendAndClose(&clusterpb.ResultReply{Done: true})
		case err != nil:
			return toStatus(err)
		}
	}
}

// receiveBlock reads the messages of one block.
func receiveBlock(st grpc.ServerStream, a *assembly) error {
	a.whole = false
	for !a.whole {
		if err := st.RecvMsg(&Frame{into: a}); err != nil {
			return err
		}
	}
	return nil
}
