package function

import (
	"crypto/md5"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"

	"github.com/flintsql/flint/sql/sqlerr"
	"github.com/flintsql/flint/sql/types"
	"github.com/flintsql/flint/sql/value"
)

// keywords that quote_ident must quote: PostgreSQL's keywords other than the
// unreserved ones.
const quotedKeywords = ` all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast char
 character check coalesce collate collation column concurrently constraint create cross current_catalog current_date
 current_role current_schema current_time current_timestamp current_user dec decimal default deferrable desc distinct do
 else end except exists extract false fetch float for foreign freeze from full grant greatest group grouping having ilike in
 initially inner inout int integer intersect interval into is isnull join lateral leading least left like limit localtime
 localtimestamp national natural nchar none normalize not notnull null nullif numeric offset on only or order out outer
 overlaps overlay placing position precision primary real references returning right row select session_user setof similar
 smallint some substring symmetric table tablesample then time timestamp to trailing treat trim true union unique user
 using values varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest
 xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable `

func quoteIdent(s string) string {
	safe := s != "" && (s[0] >= 'a' && s[0] <= 'z' || s[0] == '_')
	for i := 0; i < len(s) && safe; i++ {
		c := s[i]
		safe = c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_'
	}
	if safe && !isQuotedKeyword(s) {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}

func isQuotedKeyword(s string) bool {
	for _, k := range strings.Fields(quotedKeywords) {
		if k == s {
			return true
		}
	}
	return false
}

func quoteLiteral(s string) string {
	q := "'" + strings.ReplaceAll(strings.ReplaceAll(s, `\`, `\\`), "'", "''") + "'"
	if strings.Contains(s, `\`) {
		return "E" + q
	}
	return q
}

func encode(s, format string) (string, error) {
	switch strings.ToLower(format) {
	case "hex":
		return hex.EncodeToString([]byte(s)), nil
	case "base64":
		b := base64.StdEncoding.EncodeToString([]byte(s))
		var out strings.Builder
		for len(b) > 76 {
			out.WriteString(b[:76] + "\n")
			b = b[76:]
		}
		return out.String() + b, nil
	case "escape":
		return string(value.AppendBytea(nil, s, true)), nil
	}
	return "", sqlerr.New(sqlerr.InvalidParameterValue, "unrecognized encoding: \"%s\"", format)
}

func decodeText(s, format string) (string, error) {
	switch strings.ToLower(format) {
	case "hex":
		return value.ParseBytea(`\x` + s)
	case "base64":
		b, err := base64.StdEncoding.DecodeString(strings.Map(func(r rune) rune {
			if r == ' ' || r == '\n' || r == '\t' || r == '\r' {
				return -1
			}
			return r
		}, s))
		if err != nil {
			return "", sqlerr.New(sqlerr.InvalidParameterValue, "invalid base64 end sequence").
				WithHint("Input data is missing padding, is truncated, or is otherwise corrupted.")
		}
		return string(b), nil
	case "escape":
		return value.ParseBytea(s)
	}
	return "", sqlerr.New(sqlerr.InvalidParameterValue, "unrecognized encoding: \"%s\"", format)
}

func md5Hex(s string) string {
	h := md5.Sum([]byte(s))
	return hex.EncodeToString(h[:])
}

// encodingFuncs lists quoting, digests and encodings.
func encodingFuncs() []*Func {
	t1 := sig(tText)
	quoteAny := func(name string, nullable bool) *Func {
		return &Func{Name: name, Args: sig(anyElement), Result: tText, Volatility: Stable, NotStrict: nullable,
			Kernel: scalars(func(c *Context, a []value.Value) (value.Value, error) {
				if a[0].Null {
					return value.Text("NULL"), nil
				}
				return value.Text(quoteLiteral(textOperand(c, a[0]))), nil
			})}
	}
	digest := func(name string, f func(s string) string) *Func {
		return &Func{Name: name, Args: sig(tBytea), Result: tBytea, Kernel: ok1(f)}
	}
	return []*Func{
		{Name: "quote_ident", Args: t1, Result: tText, Kernel: ok1(quoteIdent)},
		{Name: "quote_literal", Args: t1, Result: tText, Kernel: ok1(quoteLiteral)},
		quoteAny("quote_literal", false), quoteAny("quote_nullable", true),
		{Name: "md5", Args: t1, Result: tText, Kernel: ok1(md5Hex)},
		{Name: "md5", Args: sig(tBytea), Result: tText, Kernel: ok1(md5Hex)},
		{Name: "encode", Args: sig(tBytea, tText), Result: tText, Fallible: true, Kernel: fn2(encode)},
		{Name: "decode", Args: sig(tText, tText), Result: tBytea, Fallible: true, Kernel: fn2(decodeText)},
		{Name: "to_hex", Args: sig(tInt4), Result: tText,
			Kernel: ok1(func(a int32) string { return strconv.FormatUint(uint64(uint32(a)), 16) })},
		{Name: "to_hex", Args: sig(tInt8), Result: tText,
			Kernel: ok1(func(a int64) string { return strconv.FormatUint(uint64(a), 16) })},
		digest("sha224", func(s string) string { h := sha256.Sum224([]byte(s)); return string(h[:]) }),
		digest("sha256", func(s string) string { h := sha256.Sum256([]byte(s)); return string(h[:]) }),
		digest("sha384", func(s string) string { h := sha512.Sum384([]byte(s)); return string(h[:]) }),
		digest("sha512", func(s string) string { h := sha512.Sum512([]byte(s)); return string(h[:]) }),
		{Name: "convert_from", Args: sig(tBytea, types.Of(types.Name)), Result: tText, Fallible: true,
			Kernel: fn2(func(s, _ string) (string, error) {
				v, err := value.ParseText(tText, s, value.DefaultEnv)
				return v.S, err
			})},
		{Name: "convert_to", Args: sig(tText, types.Of(types.Name)), Result: tBytea, Kernel: ok2(func(s, _ string) string { return s })},
	}
}
