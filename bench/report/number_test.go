package report

import "testing"

func TestNumbersForPeople(t *testing.T) {
	for _, tt := range []struct {
		name   string
		format func(float64) string
		v      float64
		want   string
	}{
		{"value", formatValue, .98315, "0.983"},
		{"value", formatValue, .9996, "1.00"}, // three digits, after rounding
		{"value", formatValue, .0994999, "0.0995"},
		{"value", formatValue, 12.345, "12.3"},
		{"value", formatValue, 99999, "99999"},
		{"value", formatValue, 123456, "1.23e5"},
		{"value", formatValue, .00012, "1.2e-4"},
		{"value", formatValue, 1e-46, "1e-46"},
		{"value", formatValue, -.5, "-0.500"},
		{"value", formatValue, 0, "0"},
		{"value", formatValue, nan, "–"},
		{"value", formatValue, inf, "∞"},
		{"value", formatValue, -inf, "-∞"},
		{"work", formatWork, 0, "0"},
		{"work", formatWork, 850.4, "850"},
		{"work", formatWork, 999.6, "1e3"},
		{"work", formatWork, 9303, "9.3e3"},
		{"work", formatWork, 120000, "1.2e5"},
		{"work", formatWork, 999999, "1e6"},
		{"work", formatWork, inf, "∞"},
		{"work", formatWork, nan, "–"},
		{"exact", formatExact, .95, "0.95"},
		{"times", formatTimes, 1.044, "1.04"},
		{"times", formatTimes, 3.14, "3.1"},
		{"times", formatTimes, 250.4, "250"},
		{"times", formatTimes, 1e6, "1e6"},
		{"percent", formatPercent, .955, "96 %"},
		{"percent", formatPercent, .996, ">99 %"},
		{"percent", formatPercent, 1, "100 %"},
		{"percent", formatPercent, .004, "<1 %"},
		{"percent", formatPercent, 0, "0 %"},
		{"p", formatP, .0079365, "= 0.0079"},
		{"p", formatP, .2345, "= 0.23"},
		{"p", formatP, 1e-5, "< 0.001"},
		{"p", formatP, 1, "= 1.00"},
		{"seconds", formatSeconds, .3404, "340 ms"},
		{"seconds", formatSeconds, .9999, "1.0 s"},
		{"seconds", formatSeconds, 12.34, "12.3 s"},
		{"seconds", formatSeconds, 270.2, "4m30s"},
		{"seconds", formatSeconds, nan, "–"},
	} {
		if got := tt.format(tt.v); got != tt.want {
			t.Errorf("%s(%v) = %q, want %q", tt.name, tt.v, got, tt.want)
		}
	}
}

func TestSeedsAreWrittenAsRanges(t *testing.T) {
	for _, tt := range []struct {
		seeds []uint64
		want  string
	}{
		{[]uint64{7}, "seed 7"},
		{[]uint64{1, 2}, "seeds 1, 2"},
		{[]uint64{1, 2, 3, 5, 7, 8, 9}, "seeds 1-3, 5, 7-9"},
	} {
		if got := formatSeeds(tt.seeds); got != tt.want {
			t.Errorf("formatSeeds(%v) = %q, want %q", tt.seeds, got, tt.want)
		}
	}
}
