package data

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Limits on what a CSV file may demand.
const (
	MaxValues     = 1 << 27 // input values of all examples: 1 GiB
	MaxCategories = 1000    // of one column, and classes
	MaxMagnitude  = 1e100   // of a number; its square is still finite
)

// Missing says what becomes of missing values. A value is missing if, without
// regard to case and surrounding space, it is empty or one of ?, NA, N/A,
// #N/A, <NA>, NaN and null.
type Missing string

// What may become of missing values.
const (
	MissingError Missing = "error" // the first is an error
	MissingDrop  Missing = "drop"  // rows with one are left out
	MissingMean  Missing = "mean"  // they are NaN in the table, for Standardise to fill in; in the target still an error
)

// CSVOptions says how a CSV file is understood. The zero value is as good a
// guess as can be made without knowing the file.
type CSVOptions struct {
	Target    string  // name of the column to predict; empty: the last
	Kind      Kind    // empty: KindAuto
	Missing   Missing // empty: MissingError
	OneHot    bool    // encode features that are text; else they are an error
	Separator rune    // between values; 0: the one of , ; and tab that the header has most of
}

// A Table is a CSV file, understood: one example for each row.
type Table struct {
	Set
	Features []string // of the columns of X; "colour=red" of one that was encoded
	Target   string
	Kind     Kind     // KindClassification or KindRegression
	Classes  []string // their names, in order of the labels: by value if all are numbers, else by byte; nil for regression
	Dropped  int      // rows left out for missing values
}

// ReadCSV reads a table in the format of RFC 4180, the first line of which is
// a header. A byte order mark, lines that end in CRLF, empty lines, and space
// around values are tolerated.
//
// Errors begin with name and, where there is one, the line: "wine.csv:17: ".
func ReadCSV(name string, content []byte, o CSVOptions) (Table, error) {
	r, err := newCSVReader(name, content, o)
	if err != nil {
		return Table{}, err
	}
	for {
		row, err := r.csv.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = r.add(row)
		} else {
			err = r.malformed(err)
		}
		if err != nil {
			return Table{}, err
		}
	}
	return r.table()
}

// A csvReader is a CSV file half understood.
type csvReader struct {
	source
	csv      *csv.Reader
	options  CSVOptions
	header   []string
	at       int      // index of the target among the columns
	features []column // the other columns, in order
	target   target
	dropped  int
}

func newCSVReader(name string, content []byte, o CSVOptions) (*csvReader, error) {
	r := &csvReader{source: source(name), options: o}
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if i := bytes.IndexByte(content, 0); i >= 0 {
		return nil, r.errorf(0, "not a text file (byte %d is 0), want a CSV file in UTF-8", i)
	}
	if o.Separator == 0 {
		o.Separator = detectSeparator(content)
	}
	r.csv = csv.NewReader(bytes.NewReader(content))
	r.csv.Comma = o.Separator
	r.csv.FieldsPerRecord = -1 // add says it in better words
	r.csv.ReuseRecord = true
	// Of a tab, the reader would take the separator itself for leading space.
	r.csv.TrimLeadingSpace = o.Separator != '\t'

	header, err := r.csv.Read()
	switch {
	case errors.Is(err, io.EOF):
		return nil, r.errorf(0, "empty, want a CSV file with a header")
	case err != nil:
		return nil, r.malformed(err)
	}
	for _, h := range header {
		r.header = append(r.header, strings.TrimSpace(strings.Clone(h)))
	}
	if err := r.checkHeader(); err != nil {
		return nil, err
	}
	for i, h := range r.header {
		if i != r.at {
			r.features = append(r.features, column{name: h})
		}
	}
	r.target = target{source: r.source, name: r.header[r.at]}
	return r, nil
}

// add takes one row.
func (r *csvReader) add(row []string) error {
	line, _ := r.csv.FieldPos(0)
	if len(row) != len(r.header) {
		return r.errorf(line, "%d values, want %d, as many as the header names", len(row), len(r.header))
	}
	if (len(r.target.codes)+1)*len(r.features) > MaxValues {
		return r.errorf(line, "more than %d values, want at most that", MaxValues)
	}
	for i, cell := range row {
		row[i] = strings.TrimSpace(cell)
		if !isMissing(row[i]) {
			continue
		}
		switch {
		case r.options.Missing == MissingDrop:
			r.dropped++
			return nil
		case r.options.Missing != MissingMean:
			return r.errorf(line, "column %q: the value is missing (%q); with missing: drop such rows are left out, with missing: mean the training part's mean is put in its place", r.header[i], row[i])
		case i == r.at:
			return r.errorf(line, "column %q: the value to predict is missing (%q), and missing: mean is for features; want missing: drop", r.header[i], row[i])
		}
	}
	f := 0
	for i, cell := range row {
		if i == r.at {
			r.target.add(cell, line)
			continue
		}
		if err := r.features[f].add(cell, line, r.options.OneHot); err != nil {
			return r.errorf(line, "column %q: %w", r.header[i], err)
		}
		f++
	}
	return nil
}

// table puts the columns together.
func (r *csvReader) table() (Table, error) {
	t := Table{Target: r.target.name, Dropped: r.dropped}
	t.N = len(r.target.codes)
	switch {
	case t.N == 0 && r.dropped > 0:
		return t, r.errorf(0, "a value is missing in each of the %d rows, so missing: drop leaves none", r.dropped)
	case t.N == 0:
		return t, r.errorf(0, "a header and no rows, want at least one row")
	}
	if err := r.target.resolve(&t, r.options.Kind); err != nil {
		return t, err
	}
	for i := range r.features {
		f := &r.features[i]
		if f.first == 0 {
			return t, r.errorf(0, "column %q: every value is missing, want at least one, or remove the column", f.name)
		}
		t.Features = append(t.Features, f.names()...)
	}
	if t.N*len(t.Features) > MaxValues {
		return t, r.errorf(0, "%d rows of %d columns after one-hot encoding, want at most %d values", t.N, len(t.Features), MaxValues)
	}
	t.X = make([]float64, t.N*len(t.Features))
	at := 0
	for i := range r.features {
		at += r.features[i].fill(t.X[at:], len(t.Features))
	}
	return t, nil
}

// A source is the name of a file, for errors.
type source string

// errorf returns an error about a line, or about the file if line is 0.
func (s source) errorf(line int, format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	if line == 0 {
		return fmt.Errorf("%s: %w", s, err)
	}
	return fmt.Errorf("%s:%d: %w", s, line, err)
}

// malformed words the errors of the standard reader, which are all about
// quotes, and points to where the row starts: a quote that is not closed shows
// only at the end of the file.
func (r *csvReader) malformed(err error) error {
	var at *csv.ParseError
	if !errors.As(err, &at) {
		return r.errorf(0, "%w", err)
	}
	return r.errorf(at.StartLine, "%w, want a quote at both ends of a quoted value, and two for one inside", at.Err)
}
