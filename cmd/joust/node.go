package main

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/optimizers"
)

// A place is where something stands in a file. Lines and columns count from 1,
// columns in characters.
type place struct {
	file      string
	line, col int
}

// errorf returns an error of one line that starts with the place, as compilers
// write it.
func (p place) errorf(format string, args ...any) error {
	msg := strings.Join(strings.FieldsFunc(fmt.Sprintf(format, args...), func(r rune) bool { return r == '\n' || r == '\r' }), " ")
	msg = strings.ReplaceAll(msg, "\t", `\t`) // it is not seen otherwise
	return usagef("%s:%d:%d: %s", p.file, p.line, p.col, bench.Printable(msg))
}

// A node is a YAML value and its place. Files use a small part of YAML: no
// anchors, no tags, no merge keys, one document.
type node struct {
	place
	kind   kind
	text   string // of a scalar
	quoted bool   // of a scalar: it is a string, whatever it looks like
	items  []node // of a list
	pairs  []pair // of a mapping, in the order of the file
}

type kind uint8

const (
	scalar kind = iota
	list
	mapping
)

type pair struct{ key, value node }

// number is what YAML 1.2's core schema calls a decimal number. (The parser
// takes 2e7 for a string, and 010 for eight.)
var number = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)

// isNull reports whether nothing is written where a value could be.
func (n node) isNull() bool {
	return n.kind == scalar && !n.quoted && (n.text == "" || n.text == "~" || n.text == "null")
}

// float is the value of a scalar that is a number.
func (n node) float() (float64, bool) {
	if n.kind != scalar || n.quoted || !number.MatchString(n.text) {
		return 0, false
	}
	x, err := strconv.ParseFloat(n.text, 64)
	return x, err == nil
}

// integer is the value of a scalar that is a whole number: 3, or 2e7.
func (n node) integer() (uint64, bool) {
	if n.kind == scalar && !n.quoted {
		if u, err := strconv.ParseUint(n.text, 10, 64); err == nil {
			return u, true
		}
	}
	const exact = 1 << 53 // up to here a float64 is the number that was written
	x, ok := n.float()
	return uint64(x), ok && x == math.Trunc(x) && 0 <= x && x <= exact
}

// str is the value of a scalar that is a string.
func (n node) str() (string, bool) {
	if n.kind != scalar || n.isNull() {
		return "", false
	}
	if !n.quoted && (n.text == "true" || n.text == "false" || number.MatchString(n.text)) {
		return "", false
	}
	return n.text, true
}

// raw is a scalar as JSON.
func (n node) raw() (json.RawMessage, error) {
	if u, ok := n.integer(); ok {
		return json.Marshal(u)
	}
	if x, ok := n.float(); ok {
		return json.Marshal(x)
	}
	if s, ok := n.str(); ok {
		return json.Marshal(s)
	}
	switch {
	case n.isNull():
		return json.RawMessage("null"), nil
	case number.MatchString(n.text):
		return nil, n.errorf("%s is too large, want a number below 1e308", n.text)
	default:
		return json.RawMessage(n.text), nil // true or false
	}
}

// describe names a value in an error.
func (n node) describe() string {
	switch {
	case n.kind == list:
		return "a list"
	case n.kind == mapping:
		return "a mapping"
	case n.isNull():
		return "nothing"
	case len(n.text) > 40:
		return fmt.Sprintf("%.40q...", n.text)
	case n.quoted || strings.ContainsFunc(n.text, unicode.IsControl):
		return strconv.Quote(n.text)
	default:
		return n.text
	}
}

// fields checks that n is a mapping with no other keys than names, and returns
// its values by name.
func (n node) fields(what string, names ...string) (map[string]node, error) {
	if n.kind != mapping {
		return nil, n.errorf("%s is %s, want a mapping with %s", what, n.describe(), strings.Join(names, ", "))
	}
	values := make(map[string]node)
	for _, p := range n.pairs {
		if err := p.key.oneOf(names, "%s has no key %s", what, p.key.describe()); err != nil {
			return nil, err
		}
		values[p.key.text] = p.value
	}
	return values, nil
}

// oneOf checks that the text of n is one of names. If it is not, the error is
// the given one, with what it could be.
func (n node) oneOf(names []string, format string, args ...any) error {
	if slices.Contains(names, n.text) {
		return nil
	}
	return n.errorf("%s; %s", fmt.Sprintf(format, args...), hint(n.text, names))
}

// hint says what a wrong name could have been.
func hint(got string, names []string) string {
	if s := optimizers.Suggest(got, names); s != "" {
		return fmt.Sprintf("did you mean %s?", s)
	}
	switch n := len(names); n {
	case 0:
		return "there are none"
	case 1:
		return "want " + names[0]
	default:
		return "want " + strings.Join(names[:n-1], ", ") + " or " + names[n-1]
	}
}
