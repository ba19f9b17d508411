package data

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// isMissing reports whether a cell, which is trimmed, holds no value; see
// [Missing].
func isMissing(cell string) bool {
	if len(cell) > 4 { // the longest
		return false
	}
	switch strings.ToLower(cell) {
	case "", "?", "na", "n/a", "#n/a", "<na>", "nan", "null":
		return true
	}
	return false
}

// parseNumber also returns an error for what is a number but cannot be used.
func parseNumber(cell string) (v float64, isNumber bool, err error) {
	v, err = strconv.ParseFloat(cell, 64)
	if errors.Is(err, strconv.ErrSyntax) {
		return 0, false, nil
	}
	if err != nil || math.IsInf(v, 0) || math.Abs(v) > MaxMagnitude {
		return 0, true, fmt.Errorf("%s, want a finite number of magnitude at most %g", cell, MaxMagnitude)
	}
	return v, true, nil
}

// decimalComma is a hint for numbers such as 7,4.
func decimalComma(cell string) string {
	if point := strings.Replace(cell, ",", ".", 1); point != cell {
		if _, isNumber, err := parseNumber(point); isNumber && err == nil {
			return " (with a decimal point it is: " + point + ")"
		}
	}
	return ""
}
