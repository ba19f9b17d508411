package tasks

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network/loss"
)

// write makes a file in a directory of its own, which it returns.
func write(t *testing.T, name, content string) string {
	t.Helper()
	dir := t.TempDir()
	rewrite(t, dir, name, content)
	return dir
}

func rewrite(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// wine is a table of n rows: price = 100 + 10 i, and i mod classes.
func wine(n, classes int) string {
	var b strings.Builder
	b.WriteString("alcohol,acid,class,price\n")
	for i := range n {
		fmt.Fprintf(&b, "%d.5,%d,c%d,%d\n", i, i*i%7, i%classes, 100+10*i)
	}
	return b.String()
}

func csvDefaults() csvConfig {
	return csvConfig{Path: "wine.csv", Kind: "auto", Test: 0.2, Validation: 0.25, Missing: "error", Categories: "onehot", Separator: "auto"}
}

func TestCSVRegression(t *testing.T) {
	dir := write(t, "wine.csv", wine(50, 3))
	d, err := csvDefaults().data(1, dir)
	if err != nil {
		t.Fatal(err)
	}
	if d.Loss != loss.MSE || d.Out != 1 || d.Goal.Metric != (bench.Metric{Name: "rmse", Unit: "price"}) || d.Goal.Target != nil {
		t.Errorf("loss %s, %d outputs, goal %+v", d.Loss, d.Out, d.Goal)
	}
	// alcohol, acid, and class in three columns.
	if d.In.Len() != 5 || d.Train.N != 30 || d.Valid.N != 10 || d.Test.N != 10 {
		t.Errorf("%d inputs, %d, %d, %d rows, want 5 and 30, 10, 10", d.In.Len(), d.Train.N, d.Valid.N, d.Test.N)
	}
	// Alcohol is i + 0.5 and the price 100 + 10 i: standardised, by the
	// training rows alone, they are the same number.
	for part, e := range map[string]bench.Examples{"train": d.Train, "valid": d.Valid, "test": d.Test} {
		sum := 0.0
		for i := range e.N {
			if math.Abs(e.X[5*i]-e.Y[i]) > 1e-12 {
				t.Fatalf("%s: alcohol %g and price %g of row %d, want them equal", part, e.X[5*i], e.Y[i], i)
			}
			sum += e.Y[i] / float64(e.N)
		}
		if isTrain := part == "train"; isTrain != (math.Abs(sum) < 1e-12) {
			t.Errorf("%s: mean %g, want 0 in the training part only", part, sum)
		}
	}
	// In the unit of the target all rows are there, once.
	var prices []float64
	for _, e := range []bench.Examples{d.Train, d.Valid, d.Test} {
		for _, y := range e.Y {
			prices = append(prices, y*d.Scale)
		}
	}
	slices.Sort(prices)
	for i := 1; i < len(prices); i++ {
		if math.Abs(prices[i]-prices[i-1]-10) > 1e-9 {
			t.Errorf("prices %g and %g follow each other, want 10 between them", prices[i-1], prices[i])
		}
	}
}

func TestCSVErrorIsInTheUnitOfTheTarget(t *testing.T) {
	dir := write(t, "wine.csv", wine(50, 3))
	c := csvDefaults()
	d, err := c.data(bench.Stream(1, bench.StreamData), dir)
	if err != nil {
		t.Fatal(err)
	}
	o, err := named(t, "csv").New(json.RawMessage(`{"path":"wine.csv","validation":0.25,"categories":"onehot","goal":12.5}`), setup(1, dir))
	if err != nil {
		t.Fatal(err)
	}
	// The constant predictor says the mean of the training prices, the
	// standardised 0.
	square := 0.0
	for _, y := range d.Test.Y {
		price := y * d.Scale
		square += price * price / float64(d.Test.N)
	}
	if got, want := o.Constant().Value, math.Sqrt(square); math.Abs(got-want) > 1e-9*want || want < 50 {
		t.Errorf("rmse of the constant = %g, want %g", got, want)
	}
	if g := o.Goal(); g.Target == nil || *g.Target != 12.5 || g.Metric.Higher {
		t.Errorf("goal %+v, want rmse down to 12.5", g)
	}
}

func TestCSVClassification(t *testing.T) {
	for _, c := range []struct {
		classes, out int
		kind         loss.Kind
	}{{2, 1, loss.BinaryCrossEntropy}, {3, 3, loss.SoftmaxCrossEntropy}} {
		dir := write(t, "wine.csv", wine(60, c.classes))
		config := csvDefaults()
		config.Target, config.Goal = "class", 0.9
		d, err := config.data(1, dir)
		if err != nil {
			t.Fatal(err)
		}
		if d.Loss != c.kind || d.Out != c.out || d.In.Len() != 3 || *d.Goal.Target != 0.9 || d.Goal.Metric.Name != "accuracy" {
			t.Errorf("%d classes: loss %s, %d outputs, %d inputs, goal %+v", c.classes, d.Loss, d.Out, d.In.Len(), d.Goal)
		}
		// 12, 12 and 36 rows, a fair share of each class in each.
		for part, e := range map[string]bench.Examples{"train": d.Train, "valid": d.Valid, "test": d.Test} {
			count := make([]int, c.classes)
			for i := range e.N {
				if e.Labels != nil {
					count[e.Labels[i]]++
				} else {
					count[int(e.Y[i])]++
				}
			}
			if slices.Min(count) != slices.Max(count) || e.N != map[string]int{"train": 36, "valid": 12, "test": 12}[part] {
				t.Errorf("%d classes: %v rows of each class in %s, want equal numbers", c.classes, count, part)
			}
		}
	}
}

func TestCSVPrepareWritesDownWhatTheFileSays(t *testing.T) {
	content := wine(50, 3)
	dir := write(t, "wine.csv", content)
	task := named(t, "csv")
	config, err := task.Prepare(json.RawMessage(`{"path":"wine.csv","categories":"onehot","goal":20}`), dir)
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.Sum256([]byte(content))
	want := `{"path":"wine.csv","target":"price","kind":"regression","test":0.2,"validation":0.2,"missing":"error","categories":"onehot","separator":"auto","goal":20,"sha256":"` + hex.EncodeToString(hash[:]) + `"}`
	if string(config) != want {
		t.Errorf("prepared:\n got %s\nwant %s", config, want)
	}
	again, err := task.Prepare(config, dir)
	if err != nil || string(again) != want {
		t.Errorf("prepared again: %s, %v, want the same", again, err)
	}
	if _, err := task.New(config, setup(1, dir)); err != nil {
		t.Errorf("New: %v", err)
	}
	// An absolute path does not start at dir.
	if _, err := task.Prepare(json.RawMessage(fmt.Sprintf(`{"path":%q,"categories":"onehot"}`, filepath.Join(dir, "wine.csv"))), "elsewhere"); err != nil {
		t.Errorf("absolute path: %v", err)
	}

	rewrite(t, dir, "wine.csv", content+"1,1,c1,1\n")
	changed := filepath.Join(dir, "wine.csv") + ": has changed since the experiment was planned (sha256 "
	if _, err := task.New(config, setup(1, dir)); err == nil || !strings.HasPrefix(err.Error(), "csv: "+changed) {
		t.Errorf("New with a changed file: %v, want %s", err, changed)
	}
	if _, err := task.Prepare(config, dir); err == nil || !strings.HasPrefix(err.Error(), changed) {
		t.Errorf("Prepare with a changed file: %v, want %s", err, changed)
	}
}

func TestCSVErrors(t *testing.T) {
	dir := write(t, "wine.csv", "alcohol,quality\n9.4,5\n9.8,6\n10,5\n11,6\n")
	rewrite(t, dir, "bad.csv", "alcohol,quality\n9.4,5\n9.x,6\n")
	rewrite(t, dir, "tiny.csv", "alcohol,quality\n9.4,5\n9.8,6\n")
	in := func(name string) string { return filepath.Join(dir, name) }
	for _, c := range []struct{ config, want string }{
		{`{}`, `path: "", want the name of a CSV file`},
		{`{"path":"wine.cvs"}`, in("wine.cvs") + ": no such file or directory, did you mean " + in("wine.csv") + "?"},
		{`{"path":"bad.csv"}`, in("bad.csv") + `:3: column "alcohol": "9.x" is not a number, want one, as in line 2`},
		{`{"path":"wine.csv","target":"qualty"}`, in("wine.csv") + `:1: no column is named "qualty", did you mean "quality"? (columns: alcohol, quality)`},
		{`{"path":"wine.csv","goal":95}`, in("wine.csv") + `: goal: 95, want an accuracy in [0, 1]`},
		{`{"path":"wine.csv","test":0.1}`, in("wine.csv") + `: 4 examples split into 3 to train, 1 to validate and 0 to test, want at least 1 of each: more examples, or larger fractions than test 0.1 and validation 0.2`},
		{`{"path":"tiny.csv","kind":"regression","test":0.5}`, in("tiny.csv") + `: 2 examples split into 1 to train, 0 to validate and 1 to test, want at least 1 of each: more examples, or larger fractions than test 0.5 and validation 0.2`},
		{`{"path":"wine.csv","test":0}`, `test: 0, want a number in (0, 0.9]`},
		{`{"path":"wine.csv","sha256":"abc"}`, in("wine.csv") + `: has changed since the experiment was planned (sha256 `},
	} {
		_, err := named(t, "csv").Prepare(json.RawMessage(c.config), dir)
		if err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s:\n got %v\nwant %s", c.config, err, c.want)
		}
		// Without preparation the trial fails with the same words.
		_, err = named(t, "csv").New(json.RawMessage(c.config), setup(1, dir))
		if err == nil {
			t.Errorf("%s: New has no error", c.config)
		}
	}
}

func TestCSVMissingValuesAreFilledFromTheTrainingRows(t *testing.T) {
	// The mean of the missing column is far from 0, and differs by part.
	var b strings.Builder
	b.WriteString("a,y\n")
	for i := range 40 {
		if i%4 == 0 {
			fmt.Fprintf(&b, ",%d.5\n", i)
		} else {
			fmt.Fprintf(&b, "%d,%d.5\n", 100+i, i)
		}
	}
	dir := write(t, "wine.csv", b.String())
	c := csvDefaults()
	c.Missing = "mean"
	d, err := c.data(1, dir)
	if err != nil {
		t.Fatal(err)
	}
	zeros := 0
	for _, e := range []bench.Examples{d.Train, d.Valid, d.Test} {
		for _, x := range e.X {
			if x == 0 {
				zeros++
			}
		}
	}
	if zeros != 10 {
		t.Errorf("%d standardised values are 0, the mean of the training rows, want the 10 that were missing", zeros)
	}
}
