package physical

// JSON returns what Format prints, as data for encoding/json: the stages by ID with their
// operators, estimates beside actual figures where there are some.
func (x Explain) JSON(p *Plan) any {
	stages := make([]any, len(p.Stages))
	for i, s := range p.Stages {
		st := map[string]any{"stage": s.ID, "tasks": len(s.Tasks), "deterministic": s.Deterministic, "local": s.Local, "plan": x.jsonNode(p, s, s.Root)}
		var outs []any
		for _, id := range s.Outputs {
			e := p.Edges[id]
			outs = append(outs, map[string]any{"edge": e.ID, "to": e.To, "partitioning": e.Partitioning.Kind.String(),
				"partitions": e.Partitioning.N, "keys": e.Partitioning.Keys, "mode": e.Mode.String(), "why": e.Why,
				"canPipeline": e.CanPipeline, "estimatedRows": e.Rows, "estimatedBytes": e.Bytes})
		}
		st["outputs"] = outs
		if x.Runs != nil && x.Runs[s.ID].Replanned != "" {
			st["replanned"], st["ranTasks"] = x.Runs[s.ID].Replanned, len(x.Runs[s.ID].Tasks)
		}
		if x.Tasks || x.Runs != nil {
			st["taskList"] = x.jsonTasks(s)
		}
		stages[i] = st
	}
	return stages
}

func (x Explain) jsonNode(p *Plan, s *Stage, n Node) any {
	b := n.Info()
	m := map[string]any{"operator": n.String(), "id": b.ID, "estimatedRows": b.Rows}
	if x.Runs != nil {
		t := x.Runs[s.ID].Total(b.ID)
		m["rows"], m["bytes"], m["batches"], m["cpuNs"], m["waitNs"] = t.Rows, t.Bytes, t.Batches, t.CPUNs, t.WaitNs
		m["peakBytes"], m["spilledBytes"] = t.Peak, t.Spilled
		if x.cut(n) {
			m["cut"] = true
		} else if b.Rows >= 0 {
			m["qError"] = qError(b.Rows, float64(t.Rows))
		}
	}
	if src, ok := n.(*ExchangeSource); ok {
		m["fromStage"] = p.Edges[src.Edge].From
	}
	var kids []any
	for _, k := range n.Children() {
		kids = append(kids, x.jsonNode(p, s, k))
	}
	if kids != nil {
		m["inputs"] = kids
	}
	return m
}

func (x Explain) jsonTasks(s *Stage) []any {
	out := make([]any, len(s.Tasks))
	for i, t := range s.Tasks {
		splits, rows := 0, int64(0)
		for _, sp := range t.Splits {
			splits += len(sp)
			for _, one := range sp {
				rows += one.Rows
			}
		}
		m := map[string]any{"task": i, "splits": splits, "splitRows": rows}
		if x.Runs != nil && i < len(x.Runs[s.ID].Tasks) {
			r := x.Runs[s.ID].Tasks[i]
			m["executor"], m["attempts"], m["ns"] = r.Executor, r.Attempts, r.NS
		}
		out[i] = m
	}
	return out
}
