package report

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/bench"
)

// The golden file holds the layout, which has no other reference: read the
// difference before running with -update. Its numbers are tested elsewhere.
var update = flag.Bool("update", false, "rewrite the golden files with what is printed now")

// mixed is an experiment with a bit of everything.
func mixed() []bench.Result {
	var runs []bench.Result
	for s := range uint64(5) {
		d := int64(s)
		runs = append(runs,
			probed(solvedAt("resnet", "sgd", s, graded(20+d)), forward(0), .9, 1, 1),
			probed(solvedAt("plain", "rprop", s, graded(80+9*d)), forward(0), 1e-8, 1e-6, 1e-4),
			probed(told(ends("plain", "sgd", s, .7, .5)), forward(0), 1e-8, 1e-6, 1e-4),
			probed(ends("resnet", bench.Yardstick, s, .69, .55+.01*float64(s)), forward(0), .9, 1, 1),
			probed(ends("plain", bench.Yardstick, s, .69, .54), forward(0), 1e-8, 1e-6, 1e-4),
			skippedRun("steps", "sgd", s),
		)
		if s < 3 {
			runs = append(runs, solvedAt("resnet", "ga", s, forward(400+100*d)))
		} else {
			runs = append(runs, failedRun("resnet", "ga", s))
		}
	}
	return runs
}

func render(t *testing.T, s Summary, opts TextOptions) string {
	t.Helper()
	var b strings.Builder
	if err := Text(&b, s, opts); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextLayout(t *testing.T) {
	s := Analyse(Input{Name: "mixed", Title: "Does it work?", Results: mixed(), Planned: 36})
	got := render(t, s, TextOptions{})
	name := filepath.Join("testdata", "mixed.golden")
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("text differs from %s (-want +got):\n%s", name, d)
	}
}

func TestTextFitsTheWidth(t *testing.T) {
	runs := mixed()
	for i := range runs { // and a label that does not fit anywhere
		if runs[i].Trial.Model.Name == "plain" {
			runs[i].Trial.Model.Name = "plain-" + strings.Repeat("long", 40)
		}
	}
	s := Analyse(Input{Name: "mixed", Title: strings.Repeat("why ", 60), Results: runs, Planned: 36})
	for _, width := range []int{0, 60, 80, 100, 140} {
		got := render(t, s, TextOptions{Width: width})
		limit := width
		if limit == 0 {
			limit = 100
		}
		for l := range strings.Lines(got) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(l, "\n")); n > limit {
				t.Errorf("width %d: %d columns: %q", width, n, l)
			}
		}
		// Other columns give way before a label of ordinary length is cut.
		if !regexp.MustCompile(`(?m)^ *1 +resnet \+ sgd +5/5`).MatchString(got) {
			t.Errorf("width %d: the winner's row is not whole in\n%s", width, got)
		}
	}
}

func TestColorsOnlyWhereWanted(t *testing.T) {
	s := Analyse(Input{Name: "mixed", Results: mixed()})
	plain, colored := render(t, s, TextOptions{}), render(t, s, TextOptions{Color: true})
	if strings.Contains(plain, "\x1b") {
		t.Error("escape sequences without Color")
	}
	if !strings.Contains(colored, "\x1b[31mVANISHING\x1b[0m") {
		t.Error("VANISHING is not red with Color")
	}
	stripped := colored
	for _, style := range []string{bold, dim, red, green, yellow, "0"} {
		stripped = strings.ReplaceAll(stripped, "\x1b["+style+"m", "")
	}
	if d := cmp.Diff(plain, stripped); d != "" {
		t.Errorf("colours move text (-plain +coloured):\n%s", d)
	}
}

// Names and reasons come from files and programs of anyone's.
func TestTextHasNoControlCharacters(t *testing.T) {
	evil := "x\x1b]0;title\x07\r\u202e"
	r := failedRun("a", evil, 1)
	r.Reason = "line 1\nline 2" + evil
	got := render(t, Analyse(Input{Name: evil, Title: evil, Results: []bench.Result{r, base(evil, "x", 1)}}), TextOptions{})
	for _, bad := range []string{"\x1b", "\x07", "\r", "\u202e"} {
		if strings.Contains(got, bad) {
			t.Errorf("text contains %q:\n%q", bad, got)
		}
	}
}

func TestLeaderboardIsCutInTheMiddleOfNothing(t *testing.T) {
	var runs []bench.Result
	for i := range 200 {
		runs = append(runs, ends("m", "o"+string(rune('a'+i/26))+string(rune('a'+i%26)), 1, .5, .3+.002*float64(i)))
	}
	got := render(t, analyse(runs...), TextOptions{})
	for _, want := range []string{"... 160 more in the report", "... 188 more in the report\n", "m + ohr: "} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q among 200 contenders:\n%s", want, got)
		}
	}
	if n := strings.Count(got, "\n"); n > 120 {
		t.Errorf("%d lines for 200 contenders", n)
	}
}

// A contender whose gradient vanishes is worth a line wherever it ranks.
func TestVerdictsOfTroubleAreNotCut(t *testing.T) {
	var runs []bench.Result
	for i := range 40 {
		r := ends("m", fmt.Sprintf("o%02d", i), 1, .5, .9-.01*float64(i))
		if i == 20 {
			r = probed(r, forward(0), 1.2e-7, 1.2e-5, 1.2e-3)
		}
		runs = append(runs, r)
	}
	got := render(t, analyse(runs...), TextOptions{})
	for _, want := range []string{"m + o00: ", "m + o20: VANISHING", "m + o10: ", "... 28 more in the report"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in:\n%s", want, got)
		}
	}
	for _, cut := range []string{"m + o11: ", "m + o39: "} {
		if strings.Contains(got, cut) {
			t.Errorf("%q is there, want the best 11 and the one in trouble", cut)
		}
	}
}

func TestBar(t *testing.T) {
	for _, tt := range []struct {
		share float64
		want  string
	}{{0, "        "}, {1, "████████"}, {.5, "████    "}, {1. / 64, "▏       "}, {7. / 64, "▉       "}, {nan, "        "}} {
		if got := bar(tt.share); got != tt.want {
			t.Errorf("bar(%v) = %q, want %q", tt.share, got, tt.want)
		}
	}
}

type brokenWriter struct{}

var errBroken = errors.New("disk full")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestWriteErrorsAreReported(t *testing.T) {
	s := Analyse(Input{Name: "mixed", Results: mixed()})
	if err := Text(brokenWriter{}, s, TextOptions{}); !errors.Is(err, errBroken) {
		t.Errorf("Text: %v, want %v", err, errBroken)
	}
	if err := HTML(brokenWriter{}, s); !errors.Is(err, errBroken) {
		t.Errorf("HTML: %v, want %v", err, errBroken)
	}
	if err := JSON(brokenWriter{}, s); !errors.Is(err, errBroken) {
		t.Errorf("JSON: %v, want %v", err, errBroken)
	}
}

func TestShortLabelsKeepBothEnds(t *testing.T) {
	for _, tt := range []struct {
		label string
		width int
		want  string
	}{
		{"rnn + adam", 10, "rnn + adam"},
		{"rnn norm=0 + adam", 10, "rnn n…adam"},
		{"rnn norm=0 + ada∞", 9, "rnn …ada∞"},
		{"rprop", 2, "r…"},
		{"rprop", 1, "…"},
		{"rprop", 0, ""},
	} {
		if got := shorten(tt.label, tt.width); got != tt.want {
			t.Errorf("%q in %d: %q, want %q", tt.label, tt.width, got, tt.want)
		}
	}
}
