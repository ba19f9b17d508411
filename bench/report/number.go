package report

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Numbers are written for people: three significant digits, one notation for
// work, and no exponent that is padded to two digits.

// none stands for a number that there is not.
const none = "–"

// formatValue writes a metric or a loss: 0.983, 12.5, 1.2e-7.
func formatValue(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return none
	case math.IsInf(v, 1):
		return "∞"
	case math.IsInf(v, -1):
		return "-∞"
	case v == 0:
		return "0"
	case a < 1e-3 || a >= 1e5:
		return formatExp(v)
	}
	// The exponent after rounding: 0.9996 has three digits as 1.00.
	s := strconv.FormatFloat(v, 'e', 2, 64)
	exp, err := strconv.Atoi(s[strings.IndexByte(s, 'e')+1:])
	if err != nil {
		return s
	}
	return strconv.FormatFloat(v, 'f', max(0, 2-exp), 64)
}

// formatExp writes three significant digits and an exponent, without padding:
// 1.2e-7.
func formatExp(v float64) string {
	mantissa, exp, _ := strings.Cut(strconv.FormatFloat(v, 'e', 2, 64), "e")
	mantissa = strings.TrimSuffix(strings.TrimRight(mantissa, "0"), ".")
	sign := ""
	if exp[0] == '-' {
		sign = "-"
	}
	exp = strings.TrimLeft(exp[1:], "0")
	if exp == "" {
		return mantissa
	}
	return mantissa + "e" + sign + exp
}

// formatWork writes units of work: 850, 2e3, 1.2e5.
func formatWork(v float64) string {
	switch {
	case math.IsNaN(v):
		return none
	case math.IsInf(v, 1):
		return "∞"
	case v < 999.5:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return formatExp(v)
}

// formatExact writes a number that someone chose, such as a target, as they
// would: 0.95.
func formatExact(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }

// formatTimes writes a ratio: 1.04, 3.1, 250.
func formatTimes(v float64) string {
	switch {
	case v < 2:
		return strconv.FormatFloat(v, 'f', 2, 64)
	case v < 99.5:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case v < 9999.5:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return formatExp(v)
}

// formatPercent writes a probability, and never rounds one that is not certain
// to certainty.
func formatPercent(p float64) string {
	switch {
	case math.IsNaN(p):
		return none
	case p > .99 && p < 1:
		return ">99 %"
	case p > 0 && p < .01:
		return "<1 %"
	}
	return strconv.FormatFloat(100*p, 'f', 0, 64) + " %"
}

// formatP writes a P value with its relation: "= 0.016", "< 0.001".
func formatP(p float64) string {
	switch {
	case p < .001:
		return "< 0.001"
	case p >= .1:
		return "= " + strconv.FormatFloat(p, 'f', 2, 64)
	}
	return "= " + strconv.FormatFloat(p, 'g', 2, 64)
}

// formatSeconds writes a time: 340 ms, 12.3 s, 4m30s.
func formatSeconds(s float64) string {
	switch {
	case math.IsNaN(s):
		return none
	case s < .9995:
		return strconv.FormatFloat(1e3*s, 'f', 0, 64) + " ms"
	case s < 99.95:
		return strconv.FormatFloat(s, 'f', 1, 64) + " s"
	}
	return time.Duration(s * float64(time.Second)).Round(time.Second).String()
}

// formatCount writes "1 seed" and "5 seeds".
func formatCount(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
