// Package auth proves who a client is: SCRAM-SHA-256 (RFC 5802, RFC 7677) over
// a file of users.
package auth

import (
	"bufio"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"strings"
)

const iterations = 4096

// Users are the known users with their salted secrets.
type Users struct {
	secrets map[string]secret
	mock    []byte // key that makes up secrets for unknown users, so that they look like known ones
}

// secret is what the server keeps of a password.
type secret struct{ salt, storedKey, serverKey []byte }

// ReadFile reads lines NAME:PASSWORD; empty lines and lines that start with #
// are skipped.
func ReadFile(path string) (*Users, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	u := &Users{secrets: map[string]secret{}, mock: random(32)}
	sc := bufio.NewScanner(f)
	for n := 1; sc.Scan(); n++ {
		line := strings.TrimSpace(sc.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, password, ok := strings.Cut(line, ":")
		if !ok || name == "" || password == "" {
			return nil, fmt.Errorf("%s:%d: want NAME:PASSWORD", path, n)
		}
		if u.secrets[name], err = newSecret(password, random(16)); err != nil {
			return nil, err
		}
	}
	return u, sc.Err()
}

func random(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) // never fails (crypto/rand)
	return b
}

func newSecret(password string, salt []byte) (secret, error) {
	salted, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil {
		return secret{}, err
	}
	stored := sha256.Sum256(mac(salted, "Client Key"))
	return secret{salt: salt, storedKey: stored[:], serverKey: mac(salted, "Server Key")}, nil
}

func mac(key []byte, msg string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(msg))
	return h.Sum(nil)
}

// Exchange is one SCRAM exchange, of one connection.
type Exchange struct {
	secret    secret
	known     bool
	binding   string // of the client's first message, as its last must repeat it
	nonce     string
	firstBare string
	first     string
}

var errProof = errors.New("wrong proof")

// Verifier starts an exchange for a user; an unknown user fails at the end, like
// a wrong password and after as much time.
func (u *Users) Verifier(user string) *Exchange {
	s, ok := u.secrets[user]
	if !ok {
		s = secret{salt: mac(u.mock, "salt "+user)[:16], storedKey: mac(u.mock, "stored "+user), serverKey: mac(u.mock, "server "+user)}
	}
	return &Exchange{secret: s, known: ok}
}

// First takes the client-first-message and returns the server-first-message.
func (e *Exchange) First(msg []byte) ([]byte, error) {
	s := string(msg)
	if strings.HasPrefix(s, "p=") || !strings.HasPrefix(s, "n,") && !strings.HasPrefix(s, "y,") {
		return nil, errors.New("channel binding is not supported")
	}
	parts := strings.SplitN(s, ",", 3)
	if len(parts) != 3 {
		return nil, errors.New("malformed message")
	}
	e.binding = base64.StdEncoding.EncodeToString([]byte(parts[0] + "," + parts[1] + ","))
	e.firstBare = parts[2]
	nonce := attribute(e.firstBare, "r")
	if nonce == "" {
		return nil, errors.New("no nonce")
	}
	e.nonce = nonce + base64.StdEncoding.EncodeToString(random(18))
	e.first = fmt.Sprintf("r=%s,s=%s,i=%d", e.nonce, base64.StdEncoding.EncodeToString(e.secret.salt), iterations)
	return []byte(e.first), nil
}

// Final takes the client-final-message and returns the server-final-message.
func (e *Exchange) Final(msg []byte) ([]byte, error) {
	s := string(msg)
	i := strings.LastIndex(s, ",p=")
	if i < 0 || e.nonce == "" || attribute(s[:i], "r") != e.nonce || attribute(s[:i], "c") != e.binding {
		return nil, errors.New("malformed message")
	}
	proof, err := base64.StdEncoding.DecodeString(s[i+3:])
	if err != nil || len(proof) != sha256.Size {
		return nil, errProof
	}
	auth := e.firstBare + "," + e.first + "," + s[:i]
	signature := mac(e.secret.storedKey, auth)
	key := make([]byte, len(proof))
	subtle.XORBytes(key, proof, signature)
	stored := sha256.Sum256(key)
	if subtle.ConstantTimeCompare(stored[:], e.secret.storedKey) != 1 || !e.known {
		return nil, errProof
	}
	return []byte("v=" + base64.StdEncoding.EncodeToString(mac(e.secret.serverKey, auth))), nil
}

// attribute returns the value of a=value in a comma-separated message.
func attribute(msg, name string) string {
	for _, p := range strings.Split(msg, ",") {
		if v, ok := strings.CutPrefix(p, name+"="); ok {
			return v
		}
	}
	return ""
}
