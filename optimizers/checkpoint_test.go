package optimizers

import (
	"slices"
	"testing"
)

type testState struct {
	step uint64
	rate float64
	on   bool
	w    []float64
}

func (s *testState) fields() []any { return []any{&s.step, &s.rate, &s.on, s.w} }

func TestStateRoundTrip(t *testing.T) {
	a := testState{1 << 60, -0.1, true, []float64{1, -2, 3e-300}}
	data, err := SaveState("test", a.fields()...)
	if err != nil {
		t.Fatal(err)
	}
	b := testState{w: make([]float64, 3)}
	if err := LoadState("test", data, b.fields()...); err != nil {
		t.Fatal(err)
	}
	if b.step != a.step || b.rate != a.rate || b.on != a.on || !slices.Equal(a.w, b.w) {
		t.Errorf("loaded %+v, want %+v", b, a)
	}
}

func TestDamagedStateIsAnErrorAndChangesNothing(t *testing.T) {
	a := testState{7, 0.5, true, []float64{1, 2}}
	data, err := SaveState("test", a.fields()...)
	if err != nil {
		t.Fatal(err)
	}
	refuse := func(what string, data []byte, name string, dim int) {
		t.Helper()
		b := testState{w: make([]float64, dim)}
		if err := LoadState(name, data, b.fields()...); err == nil {
			t.Errorf("%s: no error", what)
		}
		if b.step != 0 || b.rate != 0 || b.on || slices.Max(b.w) != 0 {
			t.Errorf("%s: changed the state to %+v", what, b)
		}
	}
	for n := range data {
		refuse("cut off", data[:n], "test", 2)
		flipped := slices.Clone(data)
		flipped[n] ^= 0x10
		refuse("one bit flipped", flipped, "test", 2)
	}
	refuse("longer", append(slices.Clone(data), 0), "test", 2)
	refuse("another name", data, "tes", 2)
	refuse("another name", data, "testy", 2)
	refuse("another dimension", data, "test", 3)
	refuse("nothing", nil, "test", 2)

	// A name that begins another: the rest of it must not pass for state.
	data, err = SaveState("tes", []byte("t\x01"))
	if err != nil {
		t.Fatal(err)
	}
	if err := LoadState("test", data, []byte{0}); err == nil {
		t.Error("a checkpoint of tes is taken for one of test")
	}
}

func TestStateOfNoFixedSizeIsAnError(t *testing.T) {
	n := 3
	if _, err := SaveState("test", &n); err == nil {
		t.Error("SaveState took an *int, whose size differs between machines")
	}
	data, err := SaveState("test")
	if err != nil {
		t.Fatal(err)
	}
	if err := LoadState("test", data, &n); err == nil {
		t.Error("LoadState took an *int, whose size differs between machines")
	}
}

func FuzzLoadState(f *testing.F) {
	a := testState{7, 0.5, true, []float64{1, 2}}
	data, err := SaveState("test", a.fields()...)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		b := testState{w: make([]float64, 2)}
		if err := LoadState("test", data, b.fields()...); err != nil {
			return
		}
		again, err := SaveState("test", b.fields()...)
		if err != nil {
			t.Fatal(err)
		}
		// A bool is any byte but zero when read, and one when written.
		if len(again) != len(data) {
			t.Errorf("saved %d bytes, loaded %d", len(again), len(data))
		}
	})
}
