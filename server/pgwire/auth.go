package pgwire

import (
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/flintsql/flint/sql/sqlerr"
)

// Verifier runs one SCRAM-SHA-256 exchange (RFC 5802, RFC 7677) for a user.
type Verifier interface {
	// First takes the client-first-message and returns the server-first-message.
	First(msg []byte) ([]byte, error)
	// Final takes the client-final-message and returns the server-final-message, or an
	// error if the proof is wrong.
	Final(msg []byte) ([]byte, error)
}

const scram = "SCRAM-SHA-256"

// authenticate lets the client prove who it is; without an Authenticate option
// everyone is trusted.
func (c *conn) authenticate(user string) error {
	if c.srv.o.Authenticate == nil {
		return nil
	}
	v, err := c.srv.o.Authenticate(user)
	if err != nil {
		return err
	}
	failed := sqlerr.New(sqlerr.InvalidPassword, "password authentication failed for user %q", user)
	c.out.send(&pgproto3.AuthenticationSASL{AuthMechanisms: []string{scram}})
	first, err := c.saslMessage(pgproto3.AuthTypeSASL)
	if err != nil {
		return err
	}
	ini, ok := first.(*pgproto3.SASLInitialResponse)
	if !ok || ini.AuthMechanism != scram {
		return sqlerr.New(sqlerr.ProtocolViolation, "client selected an invalid SASL authentication mechanism")
	}
	reply, err := v.First(ini.Data)
	if err != nil {
		return failed
	}
	c.out.send(&pgproto3.AuthenticationSASLContinue{Data: reply})
	second, err := c.saslMessage(pgproto3.AuthTypeSASLContinue)
	if err != nil {
		return err
	}
	fin, ok := second.(*pgproto3.SASLResponse)
	if !ok {
		return sqlerr.New(sqlerr.ProtocolViolation, "expected SASL response")
	}
	if reply, err = v.Final(fin.Data); err != nil {
		return failed
	}
	c.out.send(&pgproto3.AuthenticationSASLFinal{Data: reply})
	return nil
}

// saslMessage flushes and reads the client's answer.
func (c *conn) saslMessage(authType uint32) (pgproto3.FrontendMessage, error) {
	if err := c.out.flush(); err != nil {
		return nil, err
	}
	if err := c.be.SetAuthType(authType); err != nil {
		return nil, err
	}
	return c.be.Receive()
}
