package store

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/joust-bench/joust/bench"
	"github.com/joust-bench/joust/network/probe"
)

// fill sets everything in v to something that is not its zero value and that
// occurs once: numbers to 1, 2, ..., slices to two elements.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Slice:
		if v.Type() == reflect.TypeFor[json.RawMessage]() {
			v.SetBytes(fmt.Appendf(nil, `{ "n": %d }`, *n))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range v.Len() {
			fill(v.Index(i), n)
		}
	case reflect.String:
		v.SetString(fmt.Sprint("text ", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint64:
		v.SetUint(uint64(*n))
	case reflect.Float64:
		v.SetFloat(float64(*n) + 0.1)
	default:
		panic(fmt.Sprintf("fill does not know %v yet", v.Type()))
	}
}

// full returns a result without a zero in it.
func full() bench.Result {
	var r bench.Result
	fill(reflect.ValueOf(&r).Elem(), new(int))
	return r
}

func TestEveryFieldSurvives(t *testing.T) {
	path := filepath.Join(t.TempDir(), "results.db")
	want := full()
	id := want.Trial.ID()
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if has, err := db.Has(t.Context(), id); has || err != nil {
		t.Errorf("before it is saved: Has = %v, %v, want false", has, err)
	}
	save(t, db, want)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = openFile(t, path)
	if has, err := db.Has(t.Context(), id); !has || err != nil {
		t.Errorf("after it is saved: Has = %v, %v, want true", has, err)
	}
	got := collect(t, db.Results(t.Context()))
	if diff := cmp.Diff([]bench.Result{want}, got); diff != "" {
		t.Errorf("saved (-), read (+):\n%s", diff)
	}
	if got := got[0].Trial.ID(); got != id {
		t.Errorf("ID = %s, want %s: a trial would not be found again", got, id)
	}
}

func TestEmptyResultSurvives(t *testing.T) {
	db := openTemp(t)
	want := bench.Result{Status: bench.Skipped, Reason: "no gradient", Probes: []bench.Probe{{}}}
	save(t, db, want)
	if diff := cmp.Diff([]bench.Result{want}, collect(t, db.Results(t.Context()))); diff != "" {
		t.Errorf("saved (-), read (+):\n%s", diff)
	}
}

func TestEmptySlicesReadAsNil(t *testing.T) {
	db := openTemp(t)
	save(t, db, bench.Result{Curve: []bench.Point{}, Probes: []bench.Probe{}, Weights: []float64{}})
	if diff := cmp.Diff([]bench.Result{{}}, collect(t, db.Results(t.Context()))); diff != "" {
		t.Errorf("want (-), read (+):\n%s", diff)
	}
}

func TestUnusualNumbersSurvive(t *testing.T) {
	db := openTemp(t)
	numbers := []float64{
		math.NaN(), math.Inf(1), math.Inf(-1), 0, 1e-46, -1e-46, 5e-324, math.MaxFloat64,
		1 << 53, 3, 1.0 / 3, math.Nextafter(1, 2),
	}
	for i, x := range numbers {
		r := bench.Result{Valid: bench.Score{Loss: x, Value: x}, Test: bench.Score{Loss: x, Value: x}, Constant: bench.Score{Loss: x, Value: x}}
		r.Trial.Seed = uint64(i)
		r.Curve = []bench.Point{{Train: x, Valid: bench.Score{Loss: x, Value: x}}}
		r.Probes = []bench.Probe{{Layers: []probe.Layer{{Delta: x, Grad: x, Weight: x, Mean: x, Std: x, Dead: x, Saturated: x}}}}
		save(t, db, r)
	}
	for i, r := range collect(t, db.Results(t.Context())) {
		l := r.Probes[0].Layers[0]
		for k, got := range []float64{
			r.Valid.Loss, r.Valid.Value, r.Test.Loss, r.Test.Value, r.Constant.Loss, r.Constant.Value,
			r.Curve[0].Train, r.Curve[0].Valid.Loss, r.Curve[0].Valid.Value,
			l.Delta, l.Grad, l.Weight, l.Mean, l.Std, l.Dead, l.Saturated,
		} {
			want := numbers[i]
			if math.Float64bits(got) != math.Float64bits(want) && (got == got || want == want) {
				t.Errorf("number %d reads %v, want %v", k, got, want)
			}
		}
	}
}

func TestNegativeZeroReadsAsZero(t *testing.T) {
	db := openTemp(t)
	save(t, db, bench.Result{Valid: bench.Score{Loss: math.Copysign(0, -1)}})
	if got := collect(t, db.Results(t.Context()))[0].Valid.Loss; math.Float64bits(got) != 0 {
		t.Errorf("bits of the loss = %#x, want 0", math.Float64bits(got))
	}
}

func TestWeightsKeepEveryBit(t *testing.T) {
	db := openTemp(t)
	want := []uint64{
		0, 1 << 63, 0x3ff0000000000000, 0x7ff0000000000000, 0xfff0000000000000,
		0x7ff8000000000001, 0xfff8000000000123, 1, 0x0123456789abcdef,
	}
	var r bench.Result
	for _, b := range want {
		r.Weights = append(r.Weights, math.Float64frombits(b))
	}
	save(t, db, r)
	var got []uint64
	for _, x := range collect(t, db.Results(t.Context()))[0].Weights {
		got = append(got, math.Float64bits(x))
	}
	if !slices.Equal(got, want) {
		t.Errorf("bits = %x, want %x", got, want)
	}
	// Other programs read the blob too: 1.0 is 00 00 00 00 00 00 f0 3f.
	var blob []byte
	if err := db.read.QueryRow("SELECT substr(weights, 17, 8) FROM result").Scan(&blob); err != nil {
		t.Fatal(err)
	}
	if want := []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f}; !slices.Equal(blob, want) {
		t.Errorf("third weight is stored as % x, want % x", blob, want)
	}
}

func TestUnusualTextSurvives(t *testing.T) {
	db := openTemp(t)
	want := "panic: \x00 'quoted\" ?1 \xff\xfe -- Größe\n"
	save(t, db, bench.Result{Status: bench.Failed, Reason: want})
	if got := collect(t, db.Results(t.Context()))[0].Reason; got != want {
		t.Errorf("reason = %q, want %q", got, want)
	}
}

func TestSaveReplaces(t *testing.T) {
	rows := func(db *DB) map[string]int {
		n := make(map[string]int)
		for _, table := range []string{"trial", "result", "timing", "point", "point_timing", "probe", "layer"} {
			var k int
			if err := db.read.QueryRow("SELECT count(*) FROM " + table).Scan(&k); err != nil {
				t.Fatal(err)
			}
			n[table] = k
		}
		return n
	}
	db := openTemp(t)
	save(t, db, result(1, 5, 3, 2), result(2, 5, 3, 2), result(1, 2, 4, 1))
	want := []bench.Result{result(1, 2, 4, 1), result(2, 5, 3, 2)}
	if diff := cmp.Diff(want, collect(t, db.Results(t.Context()))); diff != "" {
		t.Errorf("want (-), read (+):\n%s", diff)
	}
	wantRows := map[string]int{"trial": 2, "result": 2, "timing": 2, "point": 7, "point_timing": 7, "probe": 7, "layer": 2*4 + 5*3}
	if diff := cmp.Diff(wantRows, rows(db)); diff != "" {
		t.Errorf("rows that should be there (-), are there (+):\n%s", diff)
	}
}

func TestOrderDoesNotDependOnSaving(t *testing.T) {
	trial := func(task, model, optimizer, config string, seed uint64) bench.Trial {
		return bench.Trial{
			Task: bench.Part{Name: task}, Model: bench.Part{Name: model},
			Optimizer: bench.Part{Name: optimizer, Config: []byte(config)}, Seed: seed,
		}
	}
	want := []bench.Trial{
		trial("a", "m", "o", `1`, 2), trial("a", "m", "o", `1`, 10), trial("a", "m", "o", `1`, 1<<63),
		trial("a", "m", "o", `1`, math.MaxUint64), trial("a", "m", "o", `2`, 1),
		trial("a", "m", "p", `1`, 1), trial("a", "n", "o", `1`, 1), trial("b", "m", "o", `1`, 1),
	}
	for round := range uint64(5) {
		db := openTemp(t)
		for _, i := range rand.New(rand.NewPCG(1, round)).Perm(len(want)) {
			save(t, db, bench.Result{Trial: want[i]})
		}
		var got []bench.Trial
		for _, r := range collect(t, db.Results(t.Context())) {
			got = append(got, r.Trial)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("want (-), read (+):\n%s", diff)
		}
	}
}

func TestSavingInsideTheLoopIsNotSeenByIt(t *testing.T) {
	db := openTemp(t)
	save(t, db, result(1, 2, 2, 2), result(2, 2, 2, 2))
	n := 0
	for r, err := range db.Results(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		save(t, db, result(r.Trial.Seed+100, 2, 2, 2))
		n++
	}
	if total := len(collect(t, db.Results(t.Context()))); n != 2 || total != 4 {
		t.Errorf("the loop saw %d results and left %d, want 2 and 4", n, total)
	}
}

func TestLoopMayEndEarly(t *testing.T) {
	db := openTemp(t)
	save(t, db, result(1, 2, 2, 2), result(2, 2, 2, 2))
	for range 100 { // a connection left open each time would be noticed
		for _, err := range db.Results(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
	}
	if n := db.read.Stats().InUse; n != 0 {
		t.Errorf("%d connections in use, want 0", n)
	}
}
