package report

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network/probe"
)

func html(t *testing.T, s Summary) string {
	t.Helper()
	var b strings.Builder
	if err := HTML(&b, s); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

var (
	// raw are the elements whose content is not markup.
	raw = regexp.MustCompile(`(?s)<(script|style)>.*?</(script|style)>`)
	// void are those without an end.
	void = regexp.MustCompile(`<(meta|link|br)\b([^>]*)>`)
)

// wellFormed fails the test if tags do not match.
func wellFormed(t *testing.T, name, page string) {
	t.Helper()
	page = void.ReplaceAllString(raw.ReplaceAllString(page, ""), "<$1$2/>")
	d := xml.NewDecoder(strings.NewReader(page)) // strict: every tag must match
	for {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
	}
}

var (
	reference = regexp.MustCompile(`(?:src|href|action|data|url|@import)\s*[=(]\s*["']?([^"'\s>)]*)`)
	badNumber = regexp.MustCompile(`(?: d| x| y|transform|viewBox)="[^"]*(?:NaN|Inf|e[+-]?\d)[^"]*"`)
)

// hostile are results that no one would want, and that come all the same.
func hostile() map[string][]bench.Result {
	weird := ends("a", "x", 1, inf, nan)
	weird.Curve = []bench.Point{point(forward(0), inf, nan), point(forward(5), -inf, inf), point(forward(5), nan, -inf), point(forward(1000), 1e300, 1e-300)}
	weird.Test, weird.Constant = bench.Score{Loss: nan, Value: inf}, bench.Score{Loss: inf, Value: nan}
	weird = probed(probed(weird, forward(0), nan, inf, 0), forward(3), math.MaxFloat64, 0, 0)
	uneven := probed(probed(ends("a", "y", 1, .3, .8), forward(0), 1, 2, 3), forward(9), 1)
	uneven.Probes = append(uneven.Probes, bench.Probe{Work: forward(10)})
	lone := base("a", "z", 1)
	lone.Curve = lone.Curve[:1]
	flat := with(base("a", "w", 1), func(r *bench.Result) {
		r.Goal, r.Constant, r.Valid, r.Test = goal(rmse, nan), bench.Score{}, bench.Score{}, bench.Score{}
		r.Curve = []bench.Point{point(forward(0), 0, 0), point(forward(1), 0, 0)}
	})
	return map[string][]bench.Result{
		"nothing":       nil,
		"zero results":  {{}, {}},
		"all failed":    {failedRun("a", "x", 1), failedRun("b", "x", 1)},
		"all skipped":   {skippedRun("a", "x", 1), skippedRun("b", "x", 1)},
		"weird numbers": {weird, base("a", bench.Yardstick, 1)},
		"uneven probes": {uneven, lone},
		"flat":          {flat},
		"mixed":         mixed(),
		"one layer":     {probed(base("a", "x", 1), forward(0), .5)},
	}
}

func TestAnyResultsGiveAPage(t *testing.T) {
	for name, results := range hostile() {
		s := Analyse(Input{Name: name, Results: results, Planned: 3})
		page := html(t, s)
		wellFormed(t, name, page)
		if bad := badNumber.FindString(page); bad != "" {
			t.Errorf("%s: a coordinate is not a plain number: %.120s", name, bad)
		}
		if strings.Contains(page, "ZgotmplZ") {
			t.Errorf("%s: the template refused a value", name)
		}
		for _, m := range reference.FindAllStringSubmatch(page, -1) {
			if !strings.HasPrefix(m[1], "#") && m[1] != "data:," {
				t.Errorf("%s: the page refers to %q", name, m[0])
			}
		}
		if html(t, s) != page {
			t.Errorf("%s: the same summary gave other bytes", name)
		}
		render(t, s, TextOptions{Color: true})
		var b strings.Builder
		if err := JSON(&b, s); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if !json.Valid([]byte(b.String())) {
			t.Errorf("%s: invalid JSON", name)
		}
	}
}

func TestMarkupInNamesIsText(t *testing.T) {
	const evil = `<script>alert(1)</script>"'&<svg onload=x>`
	runs := mixed()
	for i := range runs {
		r := &runs[i]
		r.Trial.Task = bench.Part{Name: evil, Config: json.RawMessage(`{"path":"</style><script>x</script>"}`)}
		r.Trial.Model.Name += evil
		r.Trial.Optimizer.Name += evil
		r.Goal.Metric = bench.Metric{Name: evil, Higher: true, Unit: evil}
		if r.Reason != "" {
			r.Reason = evil
		}
		for j := range r.Probes {
			for k := range r.Probes[j].Layers {
				r.Probes[j].Layers[k].Name = evil
			}
		}
	}
	page := html(t, Analyse(Input{
		Name: evil, Title: evil, Results: runs, Experiment: evil, Digest: evil,
		Machine: Machine{CPU: evil, OS: evil, Arch: evil, Go: evil, Joust: evil},
	}))
	wellFormed(t, "evil", page)
	if n := strings.Count(page, "<script"); n != 1 {
		t.Errorf("%d script elements, want the page's own", n)
	}
	if n := strings.Count(page, "</style"); n != 1 {
		t.Errorf("%d ends of style, want 1", n)
	}
	if strings.Contains(page, "<svg onload") || strings.Contains(page, `"'&<`) {
		t.Error("a name is markup")
	}
	if !strings.Contains(page, "&lt;script&gt;alert(1)") {
		t.Error("the name is not there at all")
	}
}

func TestFiguresSayWhatTheyShow(t *testing.T) {
	page := html(t, Analyse(Input{Name: "mixed", Results: mixed()}))
	figures := regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAllString(page, -1)
	plots := 0
	for _, f := range figures {
		if strings.Contains(f, `aria-hidden="true"`) { // a swatch of the legend
			continue
		}
		plots++
		if !strings.Contains(f, `role="img" aria-label="`) || !strings.Contains(f, "<title>") {
			t.Errorf("no accessible name: %.200s", f)
		}
		if !strings.Contains(f, `class="axis"`) {
			t.Errorf("no axis has a title: %.200s", f)
		}
	}
	// Two overviews, two strips, the heat maps' key, a curve for each of the six
	// contenders that ran, a heat map for each of the five that were probed.
	if want := 2 + 2 + 1 + 6 + 5; plots != want {
		t.Errorf("%d figures, want %d", plots, want)
	}
	for _, want := range []string{
		"work (forward passes of one example)", "validation accuracy", "validation loss", "test accuracy", "work at the probe",
		"constant predictor", "target 0.9", "below random search", "yardstick", "panic: boom", "sgd needs a gradient", "▼",
		"[57 %, 100 %]", // five of five, Wilson
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestAxesNameTheUnit(t *testing.T) {
	r := with(ends("a", "x", 1, .3, .8), func(r *bench.Result) { r.Goal = goal(rmse, nan) })
	page := html(t, analyse(r))
	for _, want := range []string{"validation rmse (mm)", "test rmse (mm)"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestInfiniteLossIsMarked(t *testing.T) {
	fine := ends("a", "x", 1, .3, .8)
	page := html(t, analyse(fine))
	if strings.Contains(page, `class="mark`) {
		t.Error("a run on the scale is marked")
	}
	off := with(fine, func(r *bench.Result) { r.Curve = append(r.Curve, point(forward(1500), inf, .5)) })
	if page := html(t, analyse(off)); !strings.Contains(page, `class="mark c0"`) {
		t.Error("an infinite loss is not marked")
	}
}

func TestHundredsOfContenders(t *testing.T) {
	var runs []bench.Result
	for i := range 200 {
		for seed := range uint64(5) {
			r := with(base("m", fmt.Sprintf("o%03d", i), seed), func(r *bench.Result) {
				r.Curve = nil
				for k := range 97 {
					r.Curve = append(r.Curve, point(forward(int64(10*k)), 1/float64(k+1), .5+.003*float64(k)))
				}
			})
			for k := range 13 {
				p := bench.Probe{Work: forward(int64(80 * k))}
				for l := range 10 {
					p.Layers = append(p.Layers, probe.Layer{Name: fmt.Sprint(l), Depth: l + 1, Delta: math.Pow(.3, float64((9-l)*(12-k))/12)})
				}
				r.Probes = append(r.Probes, p)
			}
			runs = append(runs, r)
		}
	}
	page := html(t, analyse(runs...))
	if n := len(page); n > 8<<20 {
		t.Errorf("the page has %d bytes, want at most 8 MB", n)
	}
	if n := strings.Count(page, "<details>"); n != 3 { // verdicts, curves, heat maps
		t.Errorf("%d folded parts, want 3", n)
	}
}
