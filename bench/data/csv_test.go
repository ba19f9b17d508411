package data

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestReadCSV(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name, text string
		o          CSVOptions
		want       Table
	}{
		{
			name: "regression by default, target last",
			text: "a,b,y\n1,2,0.5\n3,4,1.5\n",
			want: Table{Set: Set{N: 2, X: []float64{1, 2, 3, 4}, Y: []float64{0.5, 1.5}}, Features: []string{"a", "b"}, Target: "y", Kind: KindRegression},
		},
		{
			name: "target in the middle, classes by name",
			text: "a,class,b\n1,red,2\n3,blue,4\n5,red,6\n7,blue,8\n",
			o:    CSVOptions{Target: "class"},
			want: Table{Set: Set{N: 4, X: []float64{1, 2, 3, 4, 5, 6, 7, 8}, Labels: []int32{1, 0, 1, 0}}, Features: []string{"a", "b"}, Target: "class", Kind: KindClassification, Classes: []string{"blue", "red"}},
		},
		{
			name: "whole numbers are classes, in the order of their values",
			text: "a,q\n1,10\n2,9\n3,10.0\n4,9\n",
			want: Table{Set: Set{N: 4, X: []float64{1, 2, 3, 4}, Labels: []int32{1, 0, 1, 0}}, Features: []string{"a"}, Target: "q", Kind: KindClassification, Classes: []string{"9", "10"}},
		},
		{
			name: "unless regression is asked for",
			text: "a,q\n1,10\n2,9\n3,10\n4,9\n",
			o:    CSVOptions{Kind: KindRegression},
			want: Table{Set: Set{N: 4, X: []float64{1, 2, 3, 4}, Y: []float64{10, 9, 10, 9}}, Features: []string{"a"}, Target: "q", Kind: KindRegression},
		},
		{
			name: "numbers and text as classes",
			text: "a,q\n1,1\n2,x\n3,1\n4,x\n",
			o:    CSVOptions{Kind: KindClassification},
			want: Table{Set: Set{N: 4, X: []float64{1, 2, 3, 4}, Labels: []int32{0, 1, 0, 1}}, Features: []string{"a"}, Target: "q", Kind: KindClassification, Classes: []string{"1", "x"}},
		},
		{
			name: "byte order mark, CRLF, empty lines, spaces, quotes, no newline at the end",
			text: "\ufeff\"a, \"\"mm\"\"\", b ,\"y\nz\"\r\n\r\n 1 , \"2\",0.5\r\n3,4,1.5",
			want: Table{Set: Set{N: 2, X: []float64{1, 2, 3, 4}, Y: []float64{0.5, 1.5}}, Features: []string{`a, "mm"`, "b"}, Target: "y\nz", Kind: KindRegression},
		},
		{
			name: "semicolons",
			text: "\"a, b\";y\n1e2;0.5\n-3;1.5\n",
			want: Table{Set: Set{N: 2, X: []float64{100, -3}, Y: []float64{0.5, 1.5}}, Features: []string{"a, b"}, Target: "y", Kind: KindRegression},
		},
		{
			name: "tabs, and a missing value between them",
			text: "a\tb\ty\n1\t\t0.5\n3\t4\t1.5\n",
			o:    CSVOptions{Missing: MissingMean},
			want: Table{Set: Set{N: 2, X: []float64{1, nan, 3, 4}, Y: []float64{0.5, 1.5}}, Features: []string{"a", "b"}, Target: "y", Kind: KindRegression},
		},
		{
			name: "a separator that is given",
			text: "a|y\n1|0.5\n3|1.5\n",
			o:    CSVOptions{Separator: '|'},
			want: Table{Set: Set{N: 2, X: []float64{1, 3}, Y: []float64{0.5, 1.5}}, Features: []string{"a"}, Target: "y", Kind: KindRegression},
		},
		{
			name: "rows with missing values left out",
			text: "a,b,y\n1,?,0.5\n1,2,0.5\n 3,NaN,1\n3,4,n/a\n3,4,1.5\n,4,2\nnull,4,2\nNA,4,2\n<NA>,4,2\n#N/A,1,2\n",
			o:    CSVOptions{Missing: MissingDrop},
			want: Table{Set: Set{N: 2, X: []float64{1, 2, 3, 4}, Y: []float64{0.5, 1.5}}, Features: []string{"a", "b"}, Target: "y", Kind: KindRegression, Dropped: 8},
		},
		{
			name: "categories, in the order of their names, a missing one in all columns",
			text: "colour,a,y\nred,1,0.5\nblue,2,1.5\nNA,3,2.5\nred,4,3.5\n",
			o:    CSVOptions{OneHot: true, Missing: MissingMean},
			want: Table{Set: Set{N: 4, X: []float64{0, 1, 1, 1, 0, 2, nan, nan, 3, 0, 1, 4}, Y: []float64{0.5, 1.5, 2.5, 3.5}}, Features: []string{"colour=blue", "colour=red", "a"}, Target: "y", Kind: KindRegression},
		},
		{
			name: "a category only in a row that is left out is none",
			text: "colour,y\nred,NA\nblue,1.5\nblue,2.5\n",
			o:    CSVOptions{OneHot: true, Missing: MissingDrop},
			want: Table{Set: Set{N: 2, X: []float64{1, 1}, Y: []float64{1.5, 2.5}}, Features: []string{"colour=blue"}, Target: "y", Kind: KindRegression, Dropped: 1},
		},
	} {
		got, err := ReadCSV("t.csv", []byte(c.text), c.o)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if diff := cmp.Diff(c.want, got, cmpopts.EquateNaNs()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

func TestReadCSVErrors(t *testing.T) {
	many := func(n int) string { // a column of n different texts
		var b strings.Builder
		b.WriteString("a,y\n")
		for i := range n {
			fmt.Fprintf(&b, "c%d,%d.5\n", i, i)
		}
		return b.String()
	}
	for _, c := range []struct {
		name, text string
		o          CSVOptions
		want       string
	}{
		{"empty", "", CSVOptions{}, `t.csv: empty, want a CSV file with a header`},
		{"only empty lines", "\n\n", CSVOptions{}, `t.csv: empty, want a CSV file with a header`},
		{"header only", "a,y\n", CSVOptions{}, `t.csv: a header and no rows, want at least one row`},
		{"no header", "1,2\n3,4\n", CSVOptions{}, `t.csv:1: the first line has only numbers, want a header with the names of the columns`},
		{"column without name", ",a,y\n0,1,2\n", CSVOptions{}, `t.csv:1: column 1 has no name, want one in the header, or remove the column`},
		{"duplicate name", "a,b,a\n1,2,3\n", CSVOptions{}, `t.csv:1: two columns are named "a", want every name once`},
		{"one column", "a\n1\n", CSVOptions{}, `t.csv:1: one column, "a", want a target and at least one feature, separated by ','`},
		{"unknown target", "alcohol,quality\n1,2\n", CSVOptions{Target: "qualty"}, `t.csv:1: no column is named "qualty", did you mean "quality"? (columns: alcohol, quality)`},
		{"very unknown target", "alcohol,quality\n1,2\n", CSVOptions{Target: "price"}, `t.csv:1: no column is named "price" (columns: alcohol, quality)`},
		{"ragged row", "a,b,y\n1,2,3\n\n4,5\n", CSVOptions{}, `t.csv:4: 2 values, want 3, as many as the header names`},
		{"row after a value of two lines", "a,y\n\"1\n\",2\n3\n", CSVOptions{}, `t.csv:4: 1 values, want 2, as many as the header names`},
		{"typing error", "a,y\n1,2\n3.x,4\n", CSVOptions{}, `t.csv:3: column "a": "3.x" is not a number, want one, as in line 2`},
		{"decimal comma", "a;y\n1;2\n\"3,5\";4\n", CSVOptions{}, `t.csv:3: column "a": "3,5" is not a number (with a decimal point it is: 3.5), want one, as in line 2`},
		{"text", "colour,y\nred,2\n", CSVOptions{}, `t.csv:2: column "colour": "red" is not a number; with categories: onehot columns of text are encoded, or remove the column`},
		{"typing error with encoding", "a,y\n1,2\n3.x,4\n", CSVOptions{OneHot: true}, `t.csv:3: column "a": "3.x" is not a number, want one, as in line 2`},
		{"number among categories", "a,y\nx,2\n3,4\n", CSVOptions{OneHot: true}, `t.csv:3: column "a": 3 is a number, but "x" (line 2) is not, want all values to be numbers or all to be text`},
		{"infinite", "a,y\n1,2\n-inf,4\n", CSVOptions{}, `t.csv:3: column "a": -inf, want a finite number of magnitude at most 1e+100`},
		{"out of range", "a,y\n1,2\n1e999,4\n", CSVOptions{}, `t.csv:3: column "a": 1e999, want a finite number of magnitude at most 1e+100`},
		{"too large", "a,y\n1,2\n1,-1e200\n", CSVOptions{}, `t.csv:3: column "y": -1e200, want a finite number of magnitude at most 1e+100`},
		{"missing", "a,y\n1,2\nNA,4\n", CSVOptions{}, `t.csv:3: column "a": the value is missing ("NA"); with missing: drop such rows are left out, with missing: mean the training part's mean is put in its place`},
		{"missing target", "a,y\n1,2\n3,\n", CSVOptions{Missing: MissingMean}, `t.csv:3: column "y": the value to predict is missing (""), and missing: mean is for features; want missing: drop`},
		{"nothing but missing", "a,b,y\n1,,2.5\n3,,4\n", CSVOptions{Missing: MissingMean}, `t.csv: column "b": every value is missing, want at least one, or remove the column`},
		{"nothing left", "a,y\n1,\n,4\n", CSVOptions{Missing: MissingDrop}, `t.csv: a value is missing in each of the 2 rows, so missing: drop leaves none`},
		{"constant target", "a,y\n1,2\n3,2\n", CSVOptions{}, `t.csv: column "y" is "2" in all 2 rows, want at least two different values to predict`},
		{"constant target in two ways", "a,y\n1,2\n3,2.0\n", CSVOptions{Kind: KindRegression}, `t.csv: column "y" is "2" in all 2 rows, want at least two different values to predict`},
		{"class of one row", "a,y\n1,u\n3,u\n5,v\n", CSVOptions{}, `t.csv:4: column "y": no other row is of class "v", want at least 2 of every class, one to train on and one to test on`},
		{"class of one row, of numbers", "a,y\n1,6\n3,6\n5,7\n", CSVOptions{}, `t.csv:4: column "y": no other row is of class "7", want at least 2 of every class, one to train on and one to test on; with kind: regression the values are predicted as numbers`},
		{"text to regress", "a,y\n1,2\n3,x\n", CSVOptions{Kind: KindRegression}, `t.csv:3: column "y": "x" is not a number, which kind: regression wants`},
		{"numbers and text to predict", "a,y\n1,2.5\n3,x\n", CSVOptions{}, `t.csv:3: column "y": of "x" and "2.5" (line 2) only one is a number; with kind: classification both are names of classes`},
		{"open quote", "a,y\n1,2\n\"3,4\n5,6\n", CSVOptions{}, `t.csv:3: extraneous or missing " in quoted-field, want a quote at both ends of a quoted value, and two for one inside`},
		{"quote inside", "a,y\n1\"2,2\n", CSVOptions{}, `t.csv:2: bare " in non-quoted-field, want a quote at both ends of a quoted value, and two for one inside`},
		{"not text", "a,y\n1,\x00\n", CSVOptions{}, `t.csv: not a text file (byte 6 is 0), want a CSV file in UTF-8`},
		{"too many categories", many(MaxCategories + 1), CSVOptions{OneHot: true}, `t.csv:1002: column "a": more than 1000 different texts, want at most that`},
		{"too many classes", strings.Replace(many(MaxCategories+1), "a,y", "y,a", 1), CSVOptions{Target: "y"}, `t.csv: column "y": 1001 classes, want at most 1000, or kind: regression`},
	} {
		table, err := ReadCSV("t.csv", []byte(c.text), c.o)
		if err == nil {
			t.Errorf("%s: read as %+v, want the error %s", c.name, table, c.want)
		} else if err.Error() != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, err, c.want)
		}
	}
}

func TestReadCSVManyColumnsAreNotAllListed(t *testing.T) {
	header := make([]string, 1000)
	for i := range header {
		header[i] = fmt.Sprintf("column%03d", i)
	}
	_, err := ReadCSV("t.csv", []byte(strings.Join(header, ",")+"\n"), CSVOptions{Target: "nothing like it"})
	if err == nil || !strings.HasSuffix(err.Error(), "column019 and 980 more)") {
		t.Errorf("error %v, want 20 columns and 980 more", err)
	}
}

func FuzzReadCSV(f *testing.F) {
	for _, text := range []string{"a,y\n1,2\n3,4\n", "a;b\ty\n\"x\"\"\";?\n", "\ufeffa,y\r\nred,NA\r\nblue,1\r\nblue,2", "a,y\n\"1\n2\",3\n"} {
		f.Add([]byte(text), "", uint8(0))
		f.Add([]byte(text), "y", uint8(0xff))
	}
	f.Fuzz(func(t *testing.T, content []byte, target string, options uint8) {
		o := CSVOptions{
			Target:    target,
			Kind:      []Kind{KindAuto, KindClassification, KindRegression, ""}[options&3],
			Missing:   []Missing{MissingError, MissingDrop, MissingMean, ""}[options>>2&3],
			OneHot:    options>>4&1 != 0,
			Separator: []rune{0, ',', ';', '\t'}[options>>5&3],
		}
		table, err := ReadCSV("t.csv", content, o)
		if err != nil {
			if !strings.HasPrefix(err.Error(), "t.csv:") {
				t.Errorf("error %q, want it to begin with the file", err)
			}
			return
		}
		if table.N < 2 || len(table.X) != table.N*len(table.Features) || len(table.Features) < 1 {
			t.Fatalf("N = %d, %d inputs, %d features", table.N, len(table.X), len(table.Features))
		}
		for _, v := range table.X {
			if math.IsInf(v, 0) || math.IsNaN(v) && o.Missing != MissingMean {
				t.Fatalf("input %g, want it finite", v)
			}
		}
		switch table.Kind {
		case KindClassification:
			if len(table.Labels) != table.N || table.Y != nil {
				t.Fatalf("%d labels and %d values, want %d and none", len(table.Labels), len(table.Y), table.N)
			}
			for c := range table.Classes {
				if !slices.Contains(table.Labels, int32(c)) {
					t.Fatalf("class %d of %q has no rows", c, table.Classes)
				}
			}
		case KindRegression:
			if len(table.Y) != table.N || table.Labels != nil || table.Classes != nil {
				t.Fatalf("%d values and %d labels, want %d and none", len(table.Y), len(table.Labels), table.N)
			}
			for _, v := range table.Y {
				if math.IsInf(v, 0) || math.IsNaN(v) {
					t.Fatalf("target %g, want it finite", v)
				}
			}
		default:
			t.Fatalf("kind %q", table.Kind)
		}
	})
}
