package scaling

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write testdata/*.golden")

// synthetic is a report of made-up figures that are easy to check by eye.
func synthetic() Report {
	threads := []int{1, 2, 4}
	law := func(w, precision string, one, s float64) Scaling {
		rates := make([][]float64, len(threads))
		for i, p := range threads {
			rate := one * Fit{Serial: s}.Speedup(float64(p))
			rates[i] = []float64{rate * 0.98, rate, rate * 1.02}
		}
		return Scaling{Workload: w, Summary: "a network", Precision: precision, Unit: "samples", CoresFree: 3.9}.of(threads, rates)
	}
	busy := law("W1", "float32", 2000, 0.5)
	busy.CoresFree = 2.5 // one of the four was taken
	r := Report{
		Version: Version,
		Machine: Machine{CPU: `Fast & "Wide" <1>`, Cores: 4, OS: "linux", Arch: "amd64", Go: "go1.26", Joust: "v1.0.0", Kernel: "avx512"},
		Seconds: 60.5,
		Peak:    []Peak{{"float64", 1, 50}, {"float32", 1, 100}, {"float64", 4, 200}, {"float32", 4, 400}},
		Memory:  []Memory{{"read", "L1", 16384, 1, 200}, {"read", "L1", 16384, 4, 800}, {"triad", "DRAM", 1 << 25, 1, 20}, {"triad", "DRAM", 1 << 23, 4, 60}},
		Workloads: []Scaling{
			law("W1", "float64", 1000, 0.1), busy,
			law("W4", "float64", 12345.678, -0.1), law("W4", "float32", 1e6, 0),
		},
		Searches: []Search{{"W8", "ga", "population 100", 1000, 2500, 3.5}},
		Optimizers: []Overhead{
			{Optimizer: "sgd", Network: "64-32-10", Dim: 2410, Need: "gradient", MicrosAskTell: 0.5, MicrosEvaluate: 500, Share: 0.001},
			{Optimizer: "cma-es", Network: "64-32-10", Dim: 2410, Need: "loss", MicrosAskTell: 1500, MicrosEvaluate: 50, Share: 30},
			{Optimizer: "sgd", Network: "784-64-10", Dim: 50890, Need: "gradient", MicrosAskTell: 10, MicrosEvaluate: 4000, Share: 0.0025},
			{Optimizer: "cma-es", Network: "784-64-10", Dim: 50890, Need: "loss", Refused: "needs 41.4 GB of memory, more than 8 GB"},
		},
	}
	for i, s := range gemmSizes {
		for j, precision := range precisions {
			share := 0.95 - 0.1*float64(i) - 0.02*float64(j)
			r.GEMM = append(r.GEMM, GEMM{s[0], s[1], s[2], precision, share * 50 * float64(1+j), share})
		}
	}
	return r
}

// few is what is left if little was measured.
func few() map[string]Report {
	portable := Report{Version: Version, Interrupted: true, Machine: Machine{CPU: "x", Cores: 1, Kernel: "portable"}, Peak: []Peak{{"float64", 1, 3}}}
	one := synthetic()
	one.Workloads = []Scaling{Scaling{Workload: "W1", Summary: "a network", Precision: "float32", Unit: "samples"}.of([]int{1}, [][]float64{{5, 6, 7}})}
	one.GEMM = one.GEMM[:1]
	one.Peak = []Peak{{"float64", 1, 50}, {"float64", 4, 60}}
	one.Memory, one.Searches, one.Optimizers = nil, nil, nil
	return map[string]Report{"nothing": {Version: Version}, "portable": portable, "one-core": one}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	name = filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got); go test -update if it should:\n%s", name, diff)
	}
}

func written(t *testing.T, write func(io.Writer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTextIsAsAgreed(t *testing.T) {
	golden(t, "report.txt", written(t, synthetic().WriteText))
	for name, r := range few() {
		golden(t, name+".txt", written(t, r.WriteText))
	}
}

func TestJSONIsAsAgreedAndReadsBack(t *testing.T) {
	b := written(t, synthetic().WriteJSON)
	golden(t, "report.json", b)
	var back Report
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(synthetic(), back); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func TestPictureIsWellFormed(t *testing.T) {
	reports := few()
	reports["synthetic"] = synthetic()
	wide := synthetic()
	for i := range wide.Workloads {
		wide.Workloads[i].Points[2].Threads = 192 // more cores than the axis has by itself
		wide.Workloads[i].Points[1].Speedup = 0.1 // below it
	}
	reports["wide"] = wide
	for name, r := range reports {
		svg := string(written(t, r.WritePicture))
		d := xml.NewDecoder(strings.NewReader(svg))
		for {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		for _, bad := range []string{"NaN", "Inf", "e+", "http://", "https://"} {
			if strings.Contains(strings.Replace(svg, "http://www.w3.org/2000/svg", "", 1), bad) {
				t.Errorf("%s: the picture contains %s", name, bad)
			}
		}
	}
}

// The serial fraction, the prediction and the efficiency of the made-up
// speed-ups are those that they were made from.
func TestScalingOfRates(t *testing.T) {
	s := synthetic().Workloads[0] // W1 float64: 1000 a second on one core, s = 0.1
	if len(s.Points) != 3 || s.Rounds != 3 || math.Abs(s.Fit.Serial-0.1) > 1e-12 || s.Fit.Note != "" {
		t.Fatalf("%+v, fit %+v", s, s.Fit)
	}
	// On 4 cores 1/(0.1 + 0.9/4) = 40/13 times as fast; on 64, 1/(0.1 + 0.9/64).
	p := s.Points[2]
	want := Point{Threads: 4, PerSecond: 40000.0 / 13, Spread: 0.02, Speedup: 40.0 / 13, Efficiency: 10.0 / 13}
	for _, x := range []struct {
		name      string
		got, want float64
	}{
		{"rate", p.PerSecond, want.PerSecond},
		{"speed-up", p.Speedup, want.Speedup},
		{"efficiency", p.Efficiency, want.Efficiency},
		{"spread", p.Spread, want.Spread}, // of 0.98, 1 and 1.02 times the median: quartiles 0.99 and 1.01
		{"speed-up on 64", s.On64, 1 / (0.1 + 0.9/64)},
	} {
		if math.Abs(x.got-x.want) > 1e-9*x.want {
			t.Errorf("%s = %v, want %v", x.name, x.got, x.want)
		}
	}
}

func TestNumbersAreWrittenForPeople(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{digits(0), "0"},
		{digits(0.2134), "0.213"},
		{digits(9.996), "10.0"},
		{digits(11.84), "11.8"},
		{digits(118), "118"},
		{digits(1244), "1,240"},
		{digits(78512), "78,500"},
		{digits(999999), "1,000,000"},
		{digits(1.2345e7), "12,300,000"},
		{digits(0.0000123), "1.23e-05"},
		{digits(-42.01), "-42.0"},
		{digits(math.Inf(1)), "+Inf"},
		{digits(0.00123), "0.00123"},
		{percent(0), "0.0 %"},
		{percent(0.00042), "0.04 %"},
		{percent(0.0126), "1.3 %"},
		{percent(0.956), "96 %"},
		{percent(0.0996), "10 %"},
		{percent(30), "3000 %"},
		{thousands(0), "0"},
		{thousands(999), "999"},
		{thousands(50890), "50,890"},
		{thousands(-1234567), "-1,234,567"},
		{thousands(-123), "-123"},
		{count(1, "core"), "1 core"},
		{count(2, "core"), "2 cores"},
	} {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}

func TestLabelsAreSpreadOutInOrder(t *testing.T) {
	labels := spreadOut([]label{{y: 100}, {y: 50}, {y: 98}, {y: 99}}, 10, 0, 102)
	for i, l := range labels {
		if i > 0 && l.y-labels[i-1].y < 10 || l.y < 0 || l.y > 102 {
			t.Errorf("heights %v, want them 10 apart within 0 and 102", labels)
			break
		}
	}
}
