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
	var definitions strings.Builder
	for _, name := range []string{"../elementary.go", "../philox.go"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		definitions.Write(text)
	}
	source, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^\t\t((?:ln2|[lsc][1-7])\w*) += (-?[0-9.e+-]+)`).FindAllStringSubmatch(definitions.String(), -1)
	if len(found) != 2+7+6+6 {
		t.Errorf("found %d constants in the Go code, want 21", len(found))
	}
	for _, m := range found {
		if want := `{"` + m[1] + `", math.Float64bits(` + m[2] + `)}`; !strings.Contains(string(source), want) {
			t.Errorf("main.go has no %s", want)
		}
	}
}
