package auth

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// client answers a server's first message as RFC 5802 says, with a client's
// own idea of the binding.
func client(t *testing.T, password, firstBare, first, binding string) (final string, wantSignature string) {
	t.Helper()
	salt, err := base64.StdEncoding.DecodeString(attribute(first, "s"))
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(attribute(first, "i"))
	if err != nil {
		t.Fatal(err)
	}
	salted, err := pbkdf2.Key(sha256.New, password, salt, n, sha256.Size)
	if err != nil {
		t.Fatal(err)
	}
	bare := "c=" + base64.StdEncoding.EncodeToString([]byte(binding)) + ",r=" + attribute(first, "r")
	auth := firstBare + "," + first + "," + bare
	key := mac(salted, "Client Key")
	stored := sha256.Sum256(key)
	proof := make([]byte, len(key))
	subtle.XORBytes(proof, key, mac(stored[:], auth))
	return bare + ",p=" + base64.StdEncoding.EncodeToString(proof), "v=" + base64.StdEncoding.EncodeToString(mac(mac(salted, "Server Key"), auth))
}

func users(t *testing.T, lines string) (*Users, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "users")
	if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	return ReadFile(path)
}

// TestExchange goes through whole exchanges, right ones and wrong ones.
func TestExchange(t *testing.T) {
	u, err := users(t, "# users\n\nann:pass:word\nbob:x\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, user, password, head, binding string
		ok                                  bool
	}{
		{"right", "ann", "pass:word", "n,,", "n,,", true},
		{"client could bind", "ann", "pass:word", "y,,", "y,,", true},
		{"other user", "bob", "x", "n,,", "n,,", true},
		{"wrong password", "ann", "word", "n,,", "n,,", false},
		{"another's password", "bob", "pass:word", "n,,", "n,,", false},
		{"unknown user", "eve", "", "n,,", "n,,", false},
		{"binding changed on the way", "ann", "pass:word", "n,,", "y,,", false},
	} {
		e := u.Verifier(c.user)
		bare := "n=,r=clientnonce"
		first, err := e.First([]byte(c.head + bare))
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		final, want := client(t, c.password, bare, string(first), c.binding)
		got, err := e.Final([]byte(final))
		if (err == nil) != c.ok || c.ok && string(got) != want {
			t.Errorf("%s: %q %v", c.name, got, err)
		}
	}
	// An unknown user looks like a known one: one salt at every try.
	salt := func() string {
		first, err := u.Verifier("eve").First([]byte("n,,n=,r=x"))
		if err != nil {
			t.Fatal(err)
		}
		return attribute(string(first), "s")
	}
	if a, b := salt(), salt(); a != b || len(a) != 24 {
		t.Errorf("salts of an unknown user: %q %q", a, b)
	}
}

// TestMalformed: nothing but a whole exchange gets through.
func TestMalformed(t *testing.T) {
	u, err := users(t, "ann:p\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []string{"", "n", "n,,", "n,,n=ann", "p=tls-server-end-point,,n=,r=x", "x,,n=,r=x", "n,,r="} {
		if reply, err := u.Verifier("ann").First([]byte(m)); err == nil {
			t.Errorf("first %q: %q", m, reply)
		}
	}
	if _, err := u.Verifier("ann").Final([]byte("c=biws,r=,p=")); err == nil {
		t.Error("a last message without a first one passed")
	}
	for _, m := range []string{"", "c=biws", "c=biws,r=other,p=", "c=biws,r=NONCE,p=!", "c=biws,r=NONCE,p=AAAA", ",p=", "r=NONCE,p=" + strings.Repeat("A", 43) + "="} {
		e := u.Verifier("ann")
		first, err := e.First([]byte("n,,n=,r=x"))
		if err != nil {
			t.Fatal(err)
		}
		m = strings.ReplaceAll(m, "NONCE", attribute(string(first), "r"))
		if reply, err := e.Final([]byte(m)); err == nil {
			t.Errorf("last %q: %q", m, reply)
		}
	}
	for _, lines := range []string{"ann", ":p", "ann:", "a:b\nc"} {
		if _, err := users(t, lines); err == nil {
			t.Errorf("users %q were read", lines)
		}
	}
}
