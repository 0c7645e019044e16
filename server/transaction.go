package server

import (
	"maps"
	"time"

	"github.com/flintsql/flint/sql/core"
	"github.com/flintsql/flint/sql/sqlerr"
)

// txState is the state of the session's transaction. Transactions take no
// snapshot: they only keep the client's protocol in order.
type txState byte

const (
	txIdle   txState = 0
	txOpen   txState = 'T'
	txFailed txState = 'E'
)

// TxStatus is ReadyForQuery's indicator.
func (s *Session) TxStatus() byte {
	if s.tx == txIdle {
		return 'I'
	}
	return byte(s.tx)
}

// InTransaction reports an explicit transaction block.
func (s *Session) InTransaction() bool { return s.tx != txIdle }

// Failed marks an open transaction block as failed, after an error.
func (s *Session) Failed() {
	if s.tx == txOpen {
		s.tx = txFailed
	}
}

// EndImplicit ends the implicit transaction of a simple query or of a Sync.
func (s *Session) EndImplicit() {
	if s.tx == txIdle {
		s.closeCursors(false)
	}
}

// allowed refuses everything but the end of a failed transaction.
func (s *Session) allowed(st *core.Statement) error {
	if s.tx != txFailed {
		return nil
	}
	switch st.Command.(type) {
	case *core.Commit, *core.Rollback:
		return nil
	}
	return sqlerr.New(sqlerr.InFailedTransaction, "current transaction is aborted, commands ignored until end of transaction block")
}

func (s *Session) begin() {
	if s.tx == txOpen {
		s.warn(sqlerr.ActiveTransaction, "there is already a transaction in progress")
	}
	if s.tx == txIdle {
		s.before = s.saveSettings()
	}
	s.tx = txOpen
}

// savedSettings are the settings at the start of a transaction.
type savedSettings struct {
	values   map[string]string
	database string
	path     []string
	location *time.Location
	local    map[string]bool // set by SET LOCAL since
}

func (s *Session) saveSettings() *savedSettings {
	return &savedSettings{maps.Clone(s.settings.values), s.database, s.path, s.settings.location, map[string]bool{}}
}

// restoreSettings brings settings back at a transaction's end: all of them
// after a rollback, else those that SET LOCAL changed.
func (s *Session) restoreSettings(all bool) {
	b := s.before
	s.before = nil
	if b == nil {
		return
	}
	for name := range s.settings.values {
		if !all && !b.local[name] {
			continue
		}
		was, had := b.values[name]
		if x, ok := findSetting(name); ok && x.report && was != s.settings.values[name] {
			s.settings.changed[x.name] = true
		}
		if s.settings.set(name, was); !had {
			s.settings.remove(name)
		}
	}
	if all {
		s.database = b.database // USE may have changed it
	}
	if all || b.local["search_path"] {
		s.path = b.path
	}
	if all || b.local["timezone"] {
		s.settings.location = b.location
	}
}

// commit ends the block; the tag tells whether it really committed.
func (s *Session) commit() string {
	failed := s.tx == txFailed
	s.end(failed)
	if failed {
		return "ROLLBACK"
	}
	return "COMMIT"
}

func (s *Session) end(rollback bool) {
	s.applySets()
	s.restoreSettings(rollback)
	s.savepoints = nil
	if s.tx == txIdle {
		s.warn(sqlerr.NoActiveTransaction, "there is no transaction in progress")
	}
	s.tx = txIdle
	s.closeCursors(false)
}

// cutSavepoints ends the savepoints after the named one, and it too unless it
// is kept.
func (s *Session) cutSavepoints(name string, keep bool) error {
	for i := len(s.savepoints) - 1; i >= 0; i-- {
		if s.savepoints[i] == name {
			if keep {
				i++
			}
			s.savepoints = s.savepoints[:i]
			return nil
		}
	}
	return sqlerr.New("3B001", "savepoint \"%s\" does not exist", name)
}

// rollbackTo keeps the block open: there is no data to undo.
func (s *Session) rollbackTo(name string) error {
	if s.tx == txIdle {
		return sqlerr.New(sqlerr.NoActiveTransaction, "ROLLBACK TO SAVEPOINT can only be used in transaction blocks")
	}
	if err := s.cutSavepoints(name, true); err != nil {
		return err
	}
	s.tx = txOpen
	return nil
}
