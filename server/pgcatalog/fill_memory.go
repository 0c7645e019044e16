package pgcatalog

import (
	"strconv"
	"strings"

	"github.com/flintsql/flint/exec/memory"
)

// Flint is the schema of what Flint shows of itself, in every database.
const Flint = "flint"

// flintRelations has the tables of that schema, in the form of relations.txt.
const flintRelations = "flint.memory 9001 v process:text! kind:text! account:text! query:int8 operator:text region:text! " +
	"used_bytes:int8! peak_bytes:int8! limit_bytes:int8 spillable:bool! spilled_bytes:int8!"

// Holdings lists who holds how much memory, in this process and in others.
type Holdings func() []memory.Holding

// UseMemory says where flint.memory comes from; without, it is empty. Call it
// before the connector is used.
func (c *Connector) UseMemory(h Holdings) { c.memory = h }

// fillMemory shows the accounts as they are when the table is read.
func fillMemory(s *snapshot, w *rows, _ []int64) error {
	if s.c.memory == nil {
		return nil
	}
	for _, h := range s.c.memory() {
		w.set("process", h.Process).set("kind", h.Kind.String()).set("account", strings.Join(append([]string{h.Process}, h.Path...), " / "))
		if id, err := strconv.ParseInt(strings.TrimPrefix(h.Query, "query "), 10, 64); err == nil {
			w.set("query", id)
		}
		if h.Operator != "" {
			w.set("operator", h.Operator)
		}
		w.set("region", "execution")
		if h.Kind == memory.Storage {
			w.set("region", "storage")
		}
		if h.Limit > 0 {
			w.set("limit_bytes", h.Limit)
		}
		w.set("used_bytes", h.Used).set("peak_bytes", h.Peak).set("spillable", h.Spillable).set("spilled_bytes", h.Spilled).add()
	}
	return nil
}
