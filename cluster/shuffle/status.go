package shuffle

import (
	"context"
	"errors"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/flintsql/flint/cluster/clusterpb"
	"github.com/flintsql/flint/sql/sqlerr"
)

// toStatus carries a producer's error to its consumer: a missing output as
// such, and a query's error as what it is.
func toStatus(err error) error {
	if err == nil {
		return nil
	}
	f := &clusterpb.TaskFailed{}
	var missing *MissingError
	if errors.As(err, &missing) {
		f.Missing = []*clusterpb.Attempt{AttemptPB(missing.Key.Attempt)}
	} else {
		f.Error = ErrorPB(sqlerr.From(err))
	}
	st, e := status.New(codes.Aborted, err.Error()).WithDetails(f)
	if e != nil {
		return status.Error(codes.Unavailable, err.Error())
	}
	return st.Err()
}

// fromStatus reads what toStatus made; any other failure means that the output
// can't be read.
func fromStatus(ctx context.Context, err error, k Key) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	for _, d := range status.Convert(err).Details() {
		f, ok := d.(*clusterpb.TaskFailed)
		if !ok {
			continue
		}
		if len(f.Missing) > 0 {
			return &MissingError{Key{AttemptOf(f.Missing[0]), k.Edge}}
		}
		return ErrorOf(f.Error)
	}
	return &MissingError{k}
}

// ErrorPB is a query's error on the wire.
func ErrorPB(e *sqlerr.Error) *clusterpb.Error {
	if e == nil {
		return nil
	}
	return &clusterpb.Error{Code: e.Code, Message: e.Message, Detail: e.Detail, Hint: e.Hint, Position: int32(e.Position)}
}

// ErrorOf reads ErrorPB's form.
func ErrorOf(p *clusterpb.Error) *sqlerr.Error {
	if p == nil {
		return nil
	}
	return &sqlerr.Error{Code: p.Code, Message: p.Message, Detail: p.Detail, Hint: p.Hint, Position: int(p.Position)}
}
