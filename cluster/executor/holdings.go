package executor

import (
	"github.com/flintsql/flint/cluster/clusterpb"
	"github.com/flintsql/flint/exec/memory"
)

// mostHoldings bounds the accounts of one heartbeat: those of many tasks.
const mostHoldings = 2000

// holdingsPB is what the accounts hold, on the wire.
func holdingsPB(hs []memory.Holding) []*clusterpb.Holding {
	var out []*clusterpb.Holding
	for _, h := range hs[:min(len(hs), mostHoldings)] {
		out = append(out, &clusterpb.Holding{Kind: int32(h.Kind), Path: h.Path, Query: h.Query, Operator: h.Operator, Used: h.Used, Peak: h.Peak,
			Limit: h.Limit, Spillable: h.Spillable, Spilled: h.Spilled})
	}
	return out
}

// HoldingsOf reads what an executor said of its memory.
func HoldingsOf(process string, p []*clusterpb.Holding) []memory.Holding {
	var out []memory.Holding
	for _, h := range p {
		out = append(out, memory.Holding{Process: process, Kind: memory.Kind(h.Kind), Path: h.Path, Query: h.Query, Operator: h.Operator, Used: h.Used,
			Peak: h.Peak, Limit: h.Limit, Spillable: h.Spillable, Spilled: h.Spilled})
	}
	return out
}
