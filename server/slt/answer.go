package slt

import (
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
)

// Answer is a frozen result: a header and rows of text, NULL spelled NULL.
type Answer struct {
	Header []string
	Rows   [][]string
}

// ReadAnswer reads a |-separated file with a header.
func ReadAnswer(path string) (*Answer, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma = '|'
	r.FieldsPerRecord = -1
	all, err := r.ReadAll()
	if err != nil || len(all) == 0 {
		return nil, fmt.Errorf("read %s: %v", path, err)
	}
	return &Answer{all[0], all[1:]}, nil
}

// Compare returns the first difference of a result from the answer: numbers are
// equal within a relative 1e-6, everything else exactly, rows in order.
func (a *Answer) Compare(header []string, rows [][]string) error {
	if g, w := strings.Join(header, "|"), strings.Join(a.Header, "|"); g != w {
		return fmt.Errorf("header %s, want %s", g, w)
	}
	if len(rows) != len(a.Rows) {
		return fmt.Errorf("%d rows, want %d", len(rows), len(a.Rows))
	}
	for i, row := range rows {
		for k, got := range row {
			if want := a.Rows[i][k]; !same(got, want) {
				return fmt.Errorf("row %d, %s: %q, want %q", i+1, a.Header[k], got, want)
			}
		}
	}
	return nil
}

func same(got, want string) bool {
	if got == want || strings.TrimRight(got, " ") == strings.TrimRight(want, " ") {
		return true
	}
	g, err := strconv.ParseFloat(got, 64)
	w, err2 := strconv.ParseFloat(want, 64)
	return err == nil && err2 == nil && math.Abs(g-w) <= 1e-6*max(math.Abs(g), math.Abs(w), 1e-9)
}
