package data

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// A column is a feature of a CSV file: numbers, or text. To be both is an
// error, because a typing error in a column of numbers would otherwise turn
// every number into a category.
type column struct {
	name   string
	first  int       // line of the first value that is not missing; 0: none yet
	values []float64 // numbers, or indices into texts; NaN where missing
	texts  []string  // the different values, in order of appearance; nil: numbers
	index  map[string]int
}

// add appends a cell, which is trimmed.
func (c *column) add(cell string, line int, oneHot bool) error {
	if isMissing(cell) {
		c.values = append(c.values, math.NaN())
		return nil
	}
	v, isNumber, err := parseNumber(cell)
	switch {
	case err != nil:
		return err
	case c.first == 0:
		if !isNumber && !oneHot {
			return fmt.Errorf("%q is not a number%s; with categories: onehot columns of text are encoded, or remove the column", cell, decimalComma(cell))
		}
		c.first = line
		if !isNumber {
			c.index = make(map[string]int)
		}
	case isNumber && c.texts != nil:
		return fmt.Errorf("%s is a number, but %q (line %d) is not, want all values to be numbers or all to be text", cell, c.texts[0], c.first)
	case !isNumber && c.texts == nil:
		return fmt.Errorf("%q is not a number%s, want one, as in line %d", cell, decimalComma(cell), c.first)
	}
	if !isNumber {
		i, ok := c.index[cell]
		if !ok {
			if i = len(c.texts); i == MaxCategories {
				return fmt.Errorf("more than %d different texts, want at most that", MaxCategories)
			}
			// A cell is part of its whole line, which would be kept with it.
			c.texts = append(c.texts, strings.Clone(cell))
			c.index[c.texts[i]] = i
		}
		v = float64(i)
	}
	c.values = append(c.values, v)
	return nil
}

// names are those of the columns that it becomes: its own, or one for each
// category, in the order of their bytes.
func (c *column) names() []string {
	if c.texts == nil {
		return []string{c.name}
	}
	var names []string
	for _, text := range slices.Sorted(slices.Values(c.texts)) {
		names = append(names, c.name+"="+text)
	}
	return names
}

// fill writes the columns that it becomes into x, the rows of which are stride
// apart, and returns how many there are. A category is 1 in its column and 0
// in the others; a missing one is NaN in all.
func (c *column) fill(x []float64, stride int) int {
	if c.texts == nil {
		for i, v := range c.values {
			x[i*stride] = v
		}
		return 1
	}
	order := slices.Sorted(slices.Values(c.texts))
	rank := make([]int, len(order)) // of each text in that order
	for r, text := range order {
		rank[c.index[text]] = r
	}
	for i, v := range c.values {
		row := x[i*stride:][:len(order)]
		if math.IsNaN(v) {
			for j := range row {
				row[j] = v
			}
			continue
		}
		row[rank[int(v)]] = 1
	}
	return len(order)
}
