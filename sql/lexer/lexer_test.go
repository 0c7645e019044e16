package lexer

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/flintsql/flint/sql/sqlerr"
)

func show(src string) string {
	toks, err := Scan(src)
	if err != nil {
		var e *sqlerr.Error
		errors.As(err, &e)
		return fmt.Sprintf("%s@%d %s", e.Code, e.Position, e.Message)
	}
	var b strings.Builder
	for _, t := range toks[:len(toks)-1] {
		fmt.Fprintf(&b, "%s<%s> ", [...]string{"E", "W", "N", "S", "NS", "B", "#", "$", "op", "p"}[t.Kind], t.Text)
	}
	return strings.TrimSpace(b.String())
}

func TestTokens(t *testing.T) {
	for src, want := range map[string]string{
		`SELECT Ab_$1 É`:                    `W<select> W<ab_$1> W<É>`,
		`"A""b" ` + "`c``d`":                "N<A\"b> N<c`d>",
		`a<-1 a<>-1 a@-1 a!=b`:              `W<a> op<<> op<-> #<1> W<a> op<<>> op<-> #<1> W<a> op<@-> #<1> W<a> op<<>> W<b>`,
		`a+-b a*-+b a--c`:                   `W<a> op<+> op<-> W<b> W<a> op<*> op<-> op<+> W<b> W<a>`,
		`a/*b*/c /*x/*y*/z*/ d`:             `W<a> W<c> W<d>`,
		`a||/*c*/b @/**/c`:                  `W<a> op<||> W<b> op<@> W<c>`,
		`a::b:=c=>d..e`:                     `W<a> p<::> W<b> p<:=> W<c> p<=>> W<d> p<..> W<e>`,
		`1 1. .5 1.5e-3 1..2 1_000 0x1f`:    `#<1> #<1.> #<.5> #<1.5e-3> #<1> p<..> #<2> #<1000> #<31>`,
		`E'\x41\101\u0041\U00000041\n\'\q'`: "S<AAAA\n'q>",
		`E'\ud83d\ude00'`:                   "S<😀>",
		`U&'\0041\+01F600\\' U&"\0041"`:     `S<A😀\> N<A>`,
		`U&'\d83d\de00'`:                    "S<😀>",
		`U&'!0041!!' UESCAPE '!'`:           "S<A!>",
		"'a'\n'b' 'c'":                      "S<ab> S<c>",
		"'a' --x\n --y\n 'b''c'":            "S<ab'c>",
		"e'a'\n'\\n'":                       "S<a\n>",
		`N'x' b'01' X'1F'`:                  `NS<x> B<b01> B<x1F>`,
		`$1 $$a'b$$ $t$ $$ $t$ $é$x$é$`:     `$<1> S<a'b> S< $$ > S<x>`,
		`a$b$c`:                             `W<a$b$c>`,
		"":                                  "",
		"--x":                               "",
		"'é' 'x":                            `42601@5 unterminated quoted string at or near "'x"`,
		`"x`:                                `42601@1 unterminated quoted identifier at or near ""x"`,
		`""`:                                `42601@1 zero-length delimited identifier at or near """"`,
		`/* /* */`:                          `42601@1 unterminated /* comment at or near "/* /* */"`,
		`$$ x`:                              `42601@1 unterminated dollar-quoted string at or near "$$ x"`,
		`12ab`:                              `42601@1 trailing junk after numeric literal at or near "12a"`,
		`$1a`:                               `42601@1 trailing junk after parameter at or near "$1a"`,
		`a { b`:                             `42601@3 syntax error at or near "{"`,
		`E'\ud83d'`:                         `42601@9 invalid Unicode surrogate pair at or near "'"`,
		`E'\u00'`:                           `22025@3 invalid Unicode escape`,
		"a \xff":                            `22021@0 invalid byte sequence for encoding "UTF8": 0xff`,
		"a \x00":                            `22021@0 invalid byte sequence for encoding "UTF8": 0x00`,
	} {
		if got := show(src); got != want {
			t.Errorf("%q\n  got  %s\n  want %s", src, got, want)
		}
	}
}

// Brackets know their partner, and wrong nesting leaves them without one.
func TestMatch(t *testing.T) {
	toks, err := Scan("(a[1](b)) ( ] )")
	if err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, tok := range toks {
		if tok.Is("(") || tok.Is("[") {
			got = append(got, tok.Match)
		}
	}
	if fmt.Sprint(got) != "[8 4 7 11]" {
		t.Errorf("matches %v", got)
	}
}

// Offsets cover exactly what the client wrote.
func TestOffsets(t *testing.T) {
	src := "U&'\\0041' uescape '!' + 'a'\n 'b' E'x' \"q\" 1.5 $2"
	toks, err := Scan(src)
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for _, tok := range toks {
		parts = append(parts, src[tok.Pos:tok.End])
	}
	want := []string{"U&'\\0041' uescape '!'", "+", "'a'\n 'b'", "E'x'", `"q"`, "1.5", "$2", ""}
	if fmt.Sprintf("%q", parts) != fmt.Sprintf("%q", want) {
		t.Errorf("got %q", parts)
	}
}

func FuzzScan(f *testing.F) {
	f.Add("select E'\\u00e9' U&'\\0041' $$x$$ -- c\n /* /* */ */ 0x1F")
	f.Fuzz(func(t *testing.T, src string) {
		toks, err := Scan(src)
		if err != nil {
			if sqlerr.Code(err) == sqlerr.Internal {
				t.Fatal(err)
			}
			return
		}
		end := 0
		for _, tok := range toks {
			if tok.Pos < end || tok.End < tok.Pos || tok.End > len(src) {
				t.Fatalf("token %+v overlaps %d in %q", tok, end, src)
			}
			end = tok.End
		}
	})
}
