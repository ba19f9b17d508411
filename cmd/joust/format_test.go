package main

import (
	"math"
	"testing"
	"time"

	"charm.land/lipgloss/v2"
)

func TestFormats(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{clock(0), "0:00"},
		{clock(-time.Second), "0:00"},
		{clock(7400 * time.Millisecond), "0:07"},
		{clock(12*time.Minute + 34*time.Second), "12:34"},
		{clock(59*time.Minute + 59*time.Second + 600*time.Millisecond), "1:00:00"},
		{clock(27*time.Hour + 5*time.Minute), "27:05:00"},

		{left(200 * time.Millisecond), "less than 1 s left"},
		{left(38400 * time.Millisecond), "about 38 s left"},
		{roughly(200 * time.Millisecond), "1 s"},
		{roughly(99 * time.Second), "99 s"},
		{roughly(100 * time.Second), "2 min"},
		{roughly(90 * time.Minute), "90 min"},
		{roughly(5 * time.Hour), "5 h"},
		{roughly(72 * time.Hour), "3 d"},

		{work(0), "0"},
		{work(850.4), "850"},
		{work(9999.4), "9999"},
		{work(9999.6), "1e4"},
		{work(123456), "1.2e5"},
		{work(2e10), "2e10"},
		{work(math.Inf(1)), "–"},

		{metric(0), "0.000"},
		{metric(0.98765), "0.988"},
		{metric(1), "1.000"},
		{metric(-3.14159), "-3.142"},
		{metric(12345.6), "1.23e+04"},
		{metric(0.00123), "0.00123"},
		{metric(math.NaN()), "–"},

		{count(1, "trial"), "1 trial"},
		{count(0, "trial"), "0 trials"},
		{count(12, "seed"), "12 seeds"},

		{clip("resnet", 6), "resnet"},
		{clip("resnet", 5), "resn…"},
		{clip("resnet", 1), "…"},
		{clip("resnet", 0), ""},
		{clip("網絡網絡", 5), "網絡…"},
		{pad("ga", 4), "ga  "},
		{pad("random", 4), "ra…m"},
		{pad("random", 5), "ra…om"},
		{pad("random", 1), "…"},
		{pad("random", 0), ""},
		{shorten("網絡a網絡b", 6), "網絡…b"},
		{wrap("one two  three", 0, 0), "one two three"},
		{wrap("one two three", 2, 9), "one two\n  three"},
		{wrap("one two three", 2, 8), "one\n  two\n  three"},
		{wrap("unbreakable word", 4, 6), "unbreakable\n    word"},
		{bytesText(999), "999 B"},
		{bytesText(16_000), "16 kB"},
		{bytesText(8_123_456), "8.12 MB"},
		{bytesText(999_600), "1 MB"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
	for width := range 12 {
		if got := lipgloss.Width(pad("網a絡b網c絡", width)); got != width {
			t.Errorf("pad to %d columns is %d wide", width, got)
		}
	}
}
