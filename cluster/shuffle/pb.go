package shuffle

import (
	"github.com/flintsql/flint/cluster/clusterpb"
	"github.com/flintsql/flint/cluster/scheduler"
)

// AttemptPB is an attempt on the wire.
func AttemptPB(a scheduler.Attempt) *clusterpb.Attempt {
	return &clusterpb.Attempt{Query: uint64(a.Query), Stage: int32(a.Stage), Partition: int32(a.Partition), Epoch: int32(a.Epoch), Number: int32(a.Number)}
}

// AttemptOf reads AttemptPB's form; nil gives the zero Attempt.
func AttemptOf(p *clusterpb.Attempt) scheduler.Attempt {
	return scheduler.Attempt{TaskID: scheduler.TaskID{Query: scheduler.QueryID(p.GetQuery()), Stage: scheduler.StageID(p.GetStage()),
		Partition: int(p.GetPartition())}, Epoch: int(p.GetEpoch()), Number: int(p.GetNumber())}
}
