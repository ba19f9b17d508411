package main

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"
)

func TestGeneratedFilesAreUpToDate(t *testing.T) {
	for name, want := range files() {
		got, err := os.ReadFile("../" + name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what gen writes: run go generate", name)
		}
	}
}

// The last digit of a high coefficient shows in few results, if in any, so
// constants are compared as text with those of the Go code.
func TestConstantsAreThoseOfTheGoCode(t *testing.T) {
	definitions, err := os.ReadFile("../polar.go")
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile("constants.go")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^\t\t([lsc][0-5]) += (-?[0-9.e+-]+)$`).FindAllStringSubmatch(string(definitions), -1)
	if len(found) != 5+5+6 {
		t.Errorf("found %d constants in the Go code, want 16", len(found))
	}
	for _, m := range found {
		if want := `{"` + m[1] + `", math.Float64bits(` + m[2] + `)}`; !strings.Contains(string(table), want) {
			t.Errorf("constants.go has no %s", want)
		}
	}
}
