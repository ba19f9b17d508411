package main

import (
	"bytes"
	"fmt"
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
	table, err := os.ReadFile("constants.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []struct {
		name, constant string
		count          int
		entry          string // of the table, by name and value
	}{
		{"polar.go", `\t\t([lsc][0-5])`, 5 + 5 + 6, `{"%s", math.Float64bits(%s)}`},
		{"single.go", `\t(single[LSC][0-7])`, 8 + 5 + 5, `{"%s", single(%s)}`},
	} {
		definitions, err := os.ReadFile("../" + file.name)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(`(?m)^`+file.constant+` += (-?[0-9.e+-]+)$`).FindAllStringSubmatch(string(definitions), -1)
		if len(found) != file.count {
			t.Errorf("found %d constants in %s, want %d", len(found), file.name, file.count)
		}
		for _, m := range found {
			if want := fmt.Sprintf(file.entry, m[1], m[2]); !strings.Contains(string(table), want) {
				t.Errorf("constants.go has no %s", want)
			}
		}
	}
}
