package standalone

import (
	"sort"

	"github.com/flintsql/flint/cluster/executor"
	"github.com/flintsql/flint/exec/memory"
)

// Holdings lists what the executors' accounts held at their last heartbeats, an
// eighth of a lease ago at most.
func (m *Manager) Holdings() []memory.Holding {
	m.mu.Lock()
	sessions := make([]*executorSession, 0, len(m.executors))
	for _, s := range m.executors {
		sessions = append(sessions, s)
	}
	m.mu.Unlock()
	sort.Slice(sessions, func(i, j int) bool { return sessions[i].id < sessions[j].id })
	var out []memory.Holding
	for _, s := range sessions {
		if h := s.heard.Load(); h != nil {
			out = append(out, executor.HoldingsOf("executor "+string(s.id), h.Memory)...)
		}
	}
	return out
}
