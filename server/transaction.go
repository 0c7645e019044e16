package server

import (
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
	s.tx = txOpen
}

// commit ends the block; the tag tells whether it really committed.
func (s *Session) commit() string {
	failed := s.tx == txFailed
	s.end()
	if failed {
		return "ROLLBACK"
	}
	return "COMMIT"
}

func (s *Session) end() {
	if s.tx == txIdle {
		s.warn(sqlerr.NoActiveTransaction, "there is no transaction in progress")
	}
	s.tx = txIdle
	s.closeCursors(false)
}

// rollbackTo keeps the block open: there is nothing to undo.
func (s *Session) rollbackTo(name string) error {
	if s.tx == txIdle {
		return sqlerr.New(sqlerr.NoActiveTransaction, "ROLLBACK TO SAVEPOINT can only be used in transaction blocks")
	}
	s.tx = txOpen
	return nil
}
