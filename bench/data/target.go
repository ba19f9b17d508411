package data

import (
	"cmp"
	"math"
	"slices"
	"strings"
)

// Kind says what kind of target a table has.
type Kind string

// The kinds of target.
const (
	// KindAuto is classification if the target is text, or whole numbers of
	// which at most [AutoClasses] are different; else regression.
	KindAuto           Kind = "auto"
	KindClassification Kind = "classification"
	KindRegression     Kind = "regression"
)

// AutoClasses is the number of different whole numbers up to which a target is
// taken for the names of classes, if nothing else is said.
const AutoClasses = 20

// A target is the column to predict, before it is known of which kind it is.
type target struct {
	source
	name  string
	codes []int32  // index into texts of each row
	texts []string // the different values, in order of appearance
	lines []int    // where each appeared first
	index map[string]int32
}

func (t *target) add(cell string, line int) {
	code, ok := t.index[cell]
	if !ok {
		if t.index == nil {
			t.index = make(map[string]int32)
		}
		cell = strings.Clone(cell)
		code = int32(len(t.texts))
		t.index[cell] = code
		t.texts = append(t.texts, cell)
		t.lines = append(t.lines, line)
	}
	t.codes = append(t.codes, code)
}

// resolve decides on the kind, and fills in the targets of table.
func (t *target) resolve(table *Table, kind Kind) error {
	values := make([]float64, len(t.texts))
	number, text := -1, -1 // the first of each
	whole := true
	for i, s := range t.texts {
		v, isNumber, err := parseNumber(s)
		switch {
		case isNumber && err != nil && kind != KindClassification:
			return t.errorf(t.lines[i], "column %q: %w", t.name, err)
		case isNumber && err == nil:
			values[i] = v
			whole = whole && v == math.Trunc(v)
			if number < 0 {
				number = i
			}
		case text < 0:
			text = i
		}
	}
	if kind == KindAuto || kind == "" {
		switch {
		case number >= 0 && text >= 0:
			// The kind of the first value is taken to be meant.
			odd := max(number, text)
			return t.errorf(t.lines[odd], "column %q: of %q and %q (line %d) only one is a number; with kind: classification both are names of classes", t.name, t.texts[odd], t.texts[0], t.lines[0])
		case text >= 0 || whole && len(t.texts) <= AutoClasses:
			kind = KindClassification
		default:
			kind = KindRegression
		}
	}
	table.Kind = kind
	if kind == KindClassification {
		return t.classification(table, values, text < 0)
	}
	if text >= 0 {
		return t.errorf(t.lines[text], "column %q: %q is not a number%s, which kind: regression wants", t.name, t.texts[text], decimalComma(t.texts[text]))
	}
	return t.regression(table, values)
}

func (t *target) regression(table *Table, values []float64) error {
	if slices.Min(values) == slices.Max(values) {
		return t.constant()
	}
	table.Y = make([]float64, len(t.codes))
	for i, code := range t.codes {
		table.Y[i] = values[code]
	}
	return nil
}

// classification sorts the classes. Numbers that are equal are one class: 1
// and 1.0.
func (t *target) classification(table *Table, values []float64, numbers bool) error {
	compare := func(a, b int) int { return strings.Compare(t.texts[a], t.texts[b]) }
	if numbers {
		compare = func(a, b int) int { return cmp.Compare(values[a], values[b]) }
	}
	order := make([]int, len(t.texts))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, compare)
	label := make([]int32, len(t.texts))
	var first []int // line of each class
	for k, i := range order {
		if k == 0 || compare(order[k-1], i) != 0 {
			table.Classes = append(table.Classes, t.texts[i])
			first = append(first, t.lines[i])
		}
		label[i] = int32(len(table.Classes) - 1)
	}
	switch {
	case len(table.Classes) == 1:
		return t.constant()
	case len(table.Classes) > MaxCategories:
		return t.errorf(0, "column %q: %d classes, want at most %d, or kind: regression", t.name, len(table.Classes), MaxCategories)
	}
	table.Labels = make([]int32, len(t.codes))
	rows := make([]int, len(table.Classes))
	for i, code := range t.codes {
		table.Labels[i] = label[code]
		rows[label[code]]++
	}
	if c := slices.Index(rows, 1); c >= 0 {
		hint := ""
		if numbers {
			hint = "; with kind: regression the values are predicted as numbers"
		}
		return t.errorf(first[c], "column %q: no other row is of class %q, want at least 2 of every class, one to train on and one to test on%s", t.name, table.Classes[c], hint)
	}
	return nil
}

func (t *target) constant() error {
	return t.errorf(0, "column %q is %q in all %d rows, want at least two different values to predict", t.name, t.texts[0], len(t.codes))
}
